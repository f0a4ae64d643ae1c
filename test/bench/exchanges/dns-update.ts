// A dynamic update of DNS over TCP (RFC 2136, RFC 7766): a host's address records are deleted and
// another one is added, so that every update changes the zone.
import type { Conversation, Exchange } from './exchange.ts';

export const zone = 'bench';

const opcodeUpdate = 5 << 11;
const types = { a: 1, soa: 6 };
const classes = { internet: 1, any: 255 };
const ttlSeconds = 60;
const lengthBytes = 2;
const rcodeMask = 0xf;

const zoneSection = Buffer.concat([name(zone), words(types.soa, classes.internet)]);

export const dnsUpdate: Exchange = (): Conversation => {
  let id = 0;
  let pending: Buffer = Buffer.alloc(0);
  return {
    request: (host) => {
      id = (id + 1) & 0xffff;
      const owner = name(`h${host}.${zone}`);
      const address = Buffer.from([10, Math.floor(Math.random() * 256), id >>> 8, id & 255]);
      const message = Buffer.concat([
        words(id, opcodeUpdate, 1, 0, 2, 0),
        zoneSection,
        ...[owner, words(types.a, classes.any, 0, 0, 0)],
        ...[owner, words(types.a, classes.internet, 0, ttlSeconds, address.length), address],
      ]);
      return Buffer.concat([words(message.length), message]);
    },
    answers: (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let complete = 0;
      while (pending.length > lengthBytes) {
        const total = lengthBytes + pending.readUInt16BE(0);
        if (pending.length < total) break;
        if ((pending.readUInt16BE(lengthBytes + 2) & rcodeMask) === 0) complete++;
        pending = pending.subarray(total);
      }
      return complete;
    },
  };
};

function name(text: string): Buffer {
  const labels = text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** Numbers of two bytes each. */
function words(...numbers: number[]): Buffer {
  const buffer = Buffer.alloc(numbers.length * 2);
  for (const [index, number] of numbers.entries()) buffer.writeUInt16BE(number, index * 2);
  return buffer;
}
