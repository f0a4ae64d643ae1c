// Which dialect a connection speaks, told by its first byte. The ranges do not overlap: DNS over TCP
// begins with the high byte of a length (0x00 to 0x02 for any query worth reading) and TLS with a
// handshake record (0x16); both get their place here.
import { legacy } from './legacy.ts';
import type { Dialect } from './message.ts';
import { native } from './native.ts';

/** Null: no dialect begins like this. */
export function dialectOf(firstByte: number): Dialect | null {
  if (firstByte >= 0x30 && firstByte <= 0x39) return legacy;
  // A capital letter is no request, but whoever types one deserves to read why.
  const letter = firstByte | 0x20;
  return firstByte < 0x80 && letter >= 0x61 && letter <= 0x7a ? native : null;
}
