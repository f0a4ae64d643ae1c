// The label of a node id in the zone (PROTOCOL.md, "DNS"). A UUID, and any id that is a host name's label, is its own
// label in lower case; any other id has a hashed one, because DNS knows neither its characters nor its case.
import { createHash } from 'node:crypto';
import { maxLabelBytes } from './dns-codes.ts';

/** Hashed labels begin with this, and so no id that does is its own label. */
const hashedPrefix = 'x-';

/** 120 bits are 24 characters of base 32: two ids of a network never share them by chance, and few by effort. */
const hashedBytes = 15;

/** RFC 4648 §6, in lower case: DNS compares without case. */
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Letters, digits and hyphens, none of them at an end, and not the form of internationalized labels (RFC 5890). */
const plainLabel = /^(?!..--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** The names of the name servers. */
const serverLabel = /^ns[1-9][0-9]*$/;

/** The label of `nodeId`: always the same, of letters, digits and hyphens, at most 63 characters. */
export function labelOf(nodeId: string): string {
  const label = nodeId.toLowerCase();
  const isPlain = label.length <= maxLabelBytes && plainLabel.test(label);
  if (isPlain && !label.startsWith(hashedPrefix) && !serverLabel.test(label)) return label;
  const hash = createHash('sha256').update(nodeId).digest();
  return hashedPrefix + encodeBase32(hash.subarray(0, hashedBytes));
}

function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += base32[(value >>> (bits - 5)) & 31];
  }
  return text;
}
