import test from 'ava';
import fc from 'fast-check';
import type { StoredHost } from '../../../daemon/core/registry/host-record.ts';
import { packNodeId } from '../../../daemon/core/registry/node-ids.ts';
import { PackedHosts, packHost } from '../../../daemon/store/packed-host.ts';
import { packed } from '../../fixture/registry.ts';
import { anyStoredHost, ownId, uuid } from '../../fixture/stored-host.ts';

/** The records one after the other, as SQLite joins them. */
function pack(hosts: readonly StoredHost[]): Buffer {
  return Buffer.concat(hosts.map((host) => Buffer.from(packHost(host, ownId))));
}

function unpack(bytes: Buffer): (StoredHost | null)[] {
  const hosts = new PackedHosts(bytes, ownId);
  const found: (StoredHost | null)[] = [];
  while (!hosts.isAtEnd) {
    const host = hosts.next();
    if (host === null) return [...found, null];
    const { words, nodeId } = host;
    found.push({
      ...host,
      words: words.slice(),
      nodeId: typeof nodeId === 'string' ? nodeId : nodeId.slice(),
    });
  }
  return found;
}

const plain: StoredHost = {
  ...{ row: 7, words: packed('10.0.0.1:4000'), nodeId: packNodeId(uuid), state: 'live' },
  ...{ dialect: 'native', firstSeen: 1, lastSeen: 2, change: 3, changedAt: 4, entry: 5 },
  isProved: true,
  hasLeft: false,
  version: { ms: 6, counter: 7, server: ownId },
};

test('packed host › any packed host is read back unchanged', (t) => {
  fc.assert(
    fc.property(fc.array(anyStoredHost, { maxLength: 5 }), (hosts) => {
      t.deepEqual(unpack(pack(hosts)), hosts);
    }),
  );
});

test('packed host › a host of this server with a UUID takes 100 bytes', (t) => {
  t.is(pack([plain]).length, 100);
});

test('packed host › a record with any changed bit is refused', (t) => {
  const named = { ...plain, nodeId: 'x', version: { ...plain.version, server: 'other' } };
  for (const whole of [pack([plain]), pack([named])])
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      t.deepEqual(unpack(damaged), [null], `bit ${bit}`);
    }
});

test('packed host › a truncated record, or one followed by other bytes, is refused', (t) => {
  const whole = pack([plain]);
  for (let length = 1; length < whole.length; length++)
    t.deepEqual(unpack(whole.subarray(0, length)), [null], `${length} bytes`);
  t.is(unpack(Buffer.concat([whole, Buffer.alloc(4)])).at(-1), null);
});
