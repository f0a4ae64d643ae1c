// DNS over TCP: each message is preceded by its length in two bytes (RFC 1035 §4.2.2, RFC 7766).
import type { Decoder, Refusal } from '../message.ts';
import { headerBytes, maxQueryBytes } from './dns-codes.ts';

/** A connection that begins with this byte or a lower one speaks DNS: it is the high byte of a query's length. */
export const lastDnsByte = 0x02;

const lengthBytes = 2;

/** A message with its length in front. */
export function encodeDnsFrame(message: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(lengthBytes + message.length);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, lengthBytes);
  return frame;
}

/** Cuts a stream into messages; after a refusal it ignores everything. */
export class FrameSplitter implements Decoder {
  private readonly take: (message: Uint8Array) => void;
  private readonly refuse: (refusal: Refusal) => void;
  private rest: Uint8Array = new Uint8Array(0);
  private isRefused = false;

  constructor(take: (message: Uint8Array) => void, refuse: (refusal: Refusal) => void) {
    this.take = take;
    this.refuse = refuse;
  }

  /** Whether a message has begun and is not complete. */
  get pending(): boolean {
    return this.rest.length > 0;
  }

  /** The messages are views of `chunk`, or of bytes before it. */
  push(chunk: Uint8Array): void {
    if (this.isRefused) return;
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= lengthBytes) {
      const length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      const refusal = refusalOf(length);
      if (refusal !== null) {
        this.isRefused = true;
        this.rest = new Uint8Array(0);
        this.refuse(refusal);
        return;
      }
      if (bytes.length - at < lengthBytes + length) break;
      this.take(bytes.subarray(at + lengthBytes, at + lengthBytes + length));
      at += lengthBytes + length;
    }
    this.rest = bytes.subarray(at);
  }
}

/** A message shorter than its header is no DNS: a stream of zeros would be messages without end. */
function refusalOf(length: number): Refusal | null {
  if (length > maxQueryBytes)
    return {
      code: 'too-long',
      text: `a DNS message of ${length} bytes; at most ${maxQueryBytes} are read`,
    };
  if (length < headerBytes)
    return {
      code: 'malformed',
      text: `a DNS message of ${length} bytes; its header alone has ${headerBytes}`,
    };
  return null;
}
