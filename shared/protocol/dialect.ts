// Which dialect a connection speaks, told by its first byte. The ranges do not overlap: DNS over TCP
// begins with the high byte of a length (0x00 to 0x02 for any query worth reading), and gets its place
// here. TLS is no dialect: a connection that begins with a handshake record is unwrapped first, and
// the first byte inside chooses.
// The native dialect: text lines, for nodes, name servers and people with `nc`.

import { legacy } from './legacy.ts';
import type { Dialect } from './message.ts';
import { encodeReply } from './native-reply.ts';
import { NativeDecoder } from './native-request.ts';

/** A TLS record that holds a handshake message. */
export const tlsFirstByte = 0x16;

/** Null: no dialect begins like this. */
export function dialectOf(firstByte: number): Dialect | null {
  if (firstByte >= 0x30 && firstByte <= 0x39) return legacy;
  // A capital letter is no request, but whoever types one deserves to read why.
  const letter = firstByte | 0x20;
  return firstByte < 0x80 && letter >= 0x61 && letter <= 0x7a ? native : null;
}

export const native: Dialect = {
  name: 'native',
  keepsOpen: true,
  createDecoder: (sink) => new NativeDecoder(sink),
  encodeReply,
};
