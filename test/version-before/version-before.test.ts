// What the version before left (record.ts) is read by this one: its database, and what its name servers say.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { checkBackup } from '../../daemon/cli/restore.ts';
import type { Registry } from '../../daemon/core/registry/registry.ts';
import { HostStore, loadRegistry } from '../../daemon/store/host-store.ts';
import { SyncDecoder } from '../../shared/protocol/sync-decoder.ts';
import {
  encodeSync,
  type SyncHello,
  type SyncMessage,
} from '../../shared/protocol/sync-message.ts';
import { testSettings } from '../fixture/name-server.ts';
import { recordsOf, register, rowOf } from '../fixture/registry.ts';
import { EngineScene } from '../fixture/sync-engine.ts';
import { makeFolder } from '../fixture/temp-folder.ts';

const uuid = '123e4567-e89b-42d3-a456-426614174000';
const silent = { info: () => {}, warn: () => {} } as never;

function fixture(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function load(store: HostStore): Registry {
  return loadRegistry(store, 1_000, Date.now(), silent);
}

function copyDatabase(t: ExecutionContext): string {
  const file = join(makeFolder(t), 'hosts.db');
  copyFileSync(fixture('hosts.db'), file);
  return file;
}

/** Address, id, dialect, and whether it is proved, of the live ones and those that left. */
function hostsOf(registry: Registry) {
  return [registry.live, registry.gone].map((list) =>
    recordsOf(registry, list)
      .map(({ address, nodeId, dialect }) => {
        const row = rowOf(registry, address);
        return [address, nodeId, dialect, registry.isProved(row), registry.left.has(row)];
      })
      .toSorted(),
  );
}

const live = [
  ['127.0.9.61:4001', 'node-1', 'native', false, false],
  ['127.0.9.62:4002', uuid, 'native', false, false],
  ['127.0.9.63:4003', uuid, 'legacy', true, false],
  ['127.0.9.65:4005', 'node-5', 'native', false, false],
];
const left = [['127.0.9.64:4004', 'node-4', 'native', false, true]];

test('version before › its database is read, written on, and read again', (t) => {
  const file = copyDatabase(t);
  const store = new HostStore(file);
  const registry = load(store);
  t.deepEqual(hostsOf(registry), [live, left]);
  t.deepEqual([registry.log.last, store.applied.length], [5, 1], 'own entries, and a peer');
  const { ms } = registry.versions.get(rowOf(registry, '127.0.9.65:4005'));
  t.true(ms > 0, 'the version that the peer gave it');
  register(registry, '192.0.2.1:1', { now: Date.now() });
  store.commit(registry);
  store.close();
  const again = new HostStore(file);
  t.is(load(again).live.length, 5);
  again.close();
});

test('version before › its database is a backup', (t) => {
  const lines = checkBackup(copyDatabase(t), testSettings(makeFolder(t)));
  t.deepEqual([lines[2], lines.at(-1)], ['hosts        4, and 1 deleted ones', 'Backup OK.']);
});

/** What one side of the recorded connection said, as text. `>`: the one that dialled */
function textOf(side: '>' | '<'): string {
  const lines = readFileSync(fixture('sync.txt'), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith(side))
    .map((line) => `${line.slice(2)}\n`)
    .join('');
}

function decode(t: ExecutionContext, text: string): SyncMessage[] {
  const messages: SyncMessage[] = [];
  const decoder = new SyncDecoder({
    message: (message) => messages.push(message),
    refuse: (problem) => t.fail(problem),
  });
  decoder.push(Buffer.from(text, 'latin1'));
  return messages;
}

for (const side of ['>', '<'] as const)
  test(`version before › what its name servers say is understood, and said in the same words: ${side}`, (t) => {
    const text = textOf(side);
    t.is(decode(t, text).map(encodeSync).join(''), text);
  });

test('version before › a name server of it replicates to this one', (t) => {
  const [hello, ...messages] = decode(t, textOf('>')) as [SyncHello, ...SyncMessage[]];
  const now = { mono: 0, wall: hello.clock };
  const scene = new EngineScene({ listen: '127.0.9.54:26404', peers: [hello.listen] });
  const connection = scene.accept(hello, now);
  for (const message of messages) {
    connection.receive(message, now);
    scene.registry.settle();
    scene.committed(now);
  }
  t.false(connection.isClosed);
  t.deepEqual(connection.take('ack'), [{ kind: 'ack', entry: 5 }]);
  const [lives, gones] = hostsOf(scene.registry);
  t.deepEqual(
    [lives, gones].map((hosts) =>
      hosts?.map(([address, nodeId, dialect]) => [address, nodeId, dialect]),
    ),
    [live.slice(0, 3), left].map((hosts) => hosts.map((host) => host.slice(0, 3))),
  );
});
