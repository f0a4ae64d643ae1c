// The dialects of a connection, chosen by its first byte (PROTOCOL.md, "Connecting"). The ranges do not
// overlap: DNS over TCP begins with the high byte of a length (0x00 to 0x02 for any sensible query) and
// will get its place here. TLS is not a dialect: a connection that begins with a handshake record is
// decrypted first, and the first byte inside chooses.
import { legacy } from './legacy.ts';
import type { Dialect } from './message.ts';
import { encodeReply } from './native-reply.ts';
import { NativeDecoder } from './native-request.ts';

/** The native dialect: text lines, for nodes, name servers and people with `nc`. */
export const native: Dialect = {
  name: 'native',
  keepsOpen: true,
  createDecoder: (sink) => new NativeDecoder(sink),
  encodeReply,
};

/** First byte of a TLS record with a handshake message. */
export const tlsFirstByte = 0x16;

/** The dialect that begins with this byte; null if there is none. */
export function dialectOf(firstByte: number): Dialect | null {
  if (firstByte >= 0x30 && firstByte <= 0x39) return legacy;
  // A capital letter begins no request, but deserves an error that says so.
  const letter = firstByte | 0x20;
  return firstByte < 0x80 && letter >= 0x61 && letter <= 0x7a ? native : null;
}
