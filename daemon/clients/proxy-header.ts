// PROXY protocol, versions 1 and 2 (haproxy's specification, proxy-protocol.txt): what a load balancer sends in front of
// a client's bytes, so that the client's address is known behind it. A header is decoded once it is complete; whatever
// is none is refused, because then the client's own bytes would be taken for its address.
import { isIPv4, isIPv6 } from 'node:net';
import { packAddress } from '../../shared/protocol/address.ts';

/** Most bytes of a header that are read: 107 in version 1; in version 2 some TLVs, which are skipped. */
export const maxHeaderBytes = 1_024;

/** Longest header of version 1, its line end included. */
const maxTextBytes = 107;

const textStart = Buffer.from('PROXY ');
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedBytes = 16;

/** A decoded header. */
export interface ProxyHeader {
  /** bytes of the header; the client's begin behind it */
  length: number;
  /** the client's IP; null: the load balancer speaks for itself (LOCAL, UNKNOWN), as to see whether we are alive */
  client: string | null;
}

/** The header at the start of `bytes`; `incomplete`: more bytes are needed; `wrong`: it is none. */
export function decodeProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
  if (startsLike(bytes, signature)) return decodeBinary(bytes);
  if (startsLike(bytes, textStart)) return decodeText(bytes);
  return 'wrong';
}

/** Whether `bytes` begin with `start`, as far as they go. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function decodeText(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
  const end = bytes.subarray(0, maxTextBytes).indexOf('\r\n');
  if (end === -1) return bytes.length < maxTextBytes ? 'incomplete' : 'wrong';
  const [, protocol, client = '', , port = '', ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  const length = end + 2;
  if (protocol === 'UNKNOWN') return { length, client: null };
  const isGood =
    (protocol === 'TCP4' ? isIPv4(client) : protocol === 'TCP6' && isIPv6(client)) &&
    rest.length === 1 &&
    packAddress(client, Number(port)) !== null;
  return isGood ? { length, client } : 'wrong';
}

function decodeBinary(bytes: Buffer): ProxyHeader | 'incomplete' | 'wrong' {
  if (bytes.length < fixedBytes) return 'incomplete';
  const [command = 0, family = 0] = bytes.subarray(signature.length);
  const length = fixedBytes + bytes.readUInt16BE(14);
  // Version 2; LOCAL is 0, PROXY is 1.
  if (command >>> 4 !== 2 || (command & 0x0f) > 1 || length > maxHeaderBytes) return 'wrong';
  if (bytes.length < length) return 'incomplete';
  if ((command & 0x0f) === 0 || family >>> 4 === 0) return { length, client: null };
  const client = clientIn(bytes.subarray(fixedBytes, length), family);
  return client === null ? 'wrong' : { length, client };
}

/** The source address in the body of a header; null: it is none that a TCP client has. */
function clientIn(body: Buffer, family: number): string | null {
  if (family === 0x11 && body.length >= 12) return body.subarray(0, 4).join('.');
  if (family !== 0x21 || body.length < 36) return null;
  const words = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(2 * index).toString(16));
  return words.join(':');
}
