// The dialects of a connection, chosen by its first byte (PROTOCOL.md, "Connecting"). The ranges do not
// overlap. TLS is not a dialect: a connection that begins with a handshake record is decrypted first, and
// the first byte inside chooses.
import type { ChunkWriter } from './chunk-writer.ts';
import { FrameSplitter, lastDnsByte } from './dns/dns-frames.ts';
import { legacy } from './legacy.ts';
import type { Dialect, Refusal, Reply } from './message.ts';
import { encodeReply } from './native-reply.ts';
import { NativeDecoder } from './native-request.ts';

/** The native dialect: text lines, for nodes, name servers and people with `nc`. */
export const native: Dialect = {
  name: 'native',
  keepsOpen: true,
  createDecoder: (sink) => new NativeDecoder(sink),
  encodeReply,
};

/** DNS over TCP, for resolvers. Its messages go to the sink as they are, and their answers are no `Reply`. */
const dns: Dialect = {
  name: 'dns',
  keepsOpen: true,
  createDecoder: (sink) =>
    new FrameSplitter(
      (message) => sink.dnsMessage?.(message),
      (refusal) => sink.refuse(refusal),
    ),
  encodeReply: () => [].values(),
};

/** A single reply as chunks, made one at a time in `writer`, which is empty before and after it. */
export function* replyChunks(
  dialect: Dialect,
  reply: Reply,
  writer: ChunkWriter,
): Generator<Uint8Array, void> {
  const ready = dialect.encodeReply(reply, writer);
  for (let next = ready.next(); !next.done; next = ready.next()) {
    if (writer.length > 0) yield writer.take();
    if (next.value.length > 0) yield next.value;
  }
  if (writer.length > 0) yield writer.take();
}

/** First byte of a TLS record with a handshake message. */
export const tlsFirstByte = 0x16;

/** The dialect that begins with this byte; null if there is none. */
export function dialectOf(firstByte: number): Dialect | null {
  if (firstByte <= lastDnsByte) return dns;
  if (firstByte >= 0x30 && firstByte <= 0x39) return legacy;
  // A capital letter begins no request, but deserves an error that says so.
  const letter = firstByte | 0x20;
  return firstByte < 0x80 && letter >= 0x61 && letter <= 0x7a ? native : null;
}

/** Why a connection that begins with this byte is refused. */
export function noDialect(firstByte: number): Refusal {
  const byte = `0x${firstByte.toString(16).padStart(2, '0')}`;
  return {
    code: 'malformed',
    text: `no dialect begins with byte ${byte}; send a request such as: ping`,
  };
}
