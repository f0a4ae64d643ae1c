// A server that joins a fleet over NATS has nothing and gets everything. NATS_JOINER=200000 (`npm run fleet`) is a
// registry of that size.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HostStore, loadRegistry } from '../../../daemon/store/host-store.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { NatsServer, natsTest as test } from '../../fixture/nats-server.ts';
import { addressOf, register, rowOf } from '../../fixture/registry.ts';
import { areAlive, Daemons } from '../daemons.ts';

const count = Number(process.env.NATS_JOINER ?? 8_000);

const silent = { info: () => {}, warn: () => {} } as never;

/** A registry of hosts that were seen lately, some of which have left. */
function fill(file: string): void {
  const store = new HostStore(file);
  const now = Date.now();
  const registry = loadRegistry(store, 2 * count, now, silent);
  for (let index = 0; index < count + 100; index++) {
    const nodeId = `0b9e7c54-0000-4000-8000-${String(index).padStart(12, '0')}`;
    register(registry, addressOf(index), { nodeId, now: now - count - 100 + index });
  }
  for (let index = 0; index < 100; index++) registry.remove(rowOf(registry, addressOf(index)), now);
  store.commit(registry);
  store.close();
}

/** What two registries do not have in common: hosts with all that is replicated of them. */
function difference(file: string, other: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    database.prepare('ATTACH ? AS other').run(other);
    const rows = (schema: string) =>
      `SELECT address, node_id, state, dialect, first_seen, version_ms, version_counter, version_server FROM ${schema}.hosts`;
    const less = (one: string, two: string) => `SELECT * FROM (${rows(one)} EXCEPT ${rows(two)})`;
    return database
      .prepare(`${less('main', 'other')} UNION ALL ${less('other', 'main')} LIMIT 5`)
      .all();
  } finally {
    database.close();
  }
}

test(`fleet over NATS, joiner › one that joins has each of ${count} hosts, row by row, within bounds of bytes and memory`, async (t) => {
  t.timeout(200_000);
  const monitor = await freePort();
  const nats = await NatsServer.start(t, [`http: 127.0.0.1:${monitor}`]);
  const fleet = await Daemons.prepare(
    t,
    ['127.0.0.2', '127.0.0.3', '127.0.0.4'],
    [
      `Fleet=${nats.url}`,
      'Secret=correct horse battery staple',
      `MaxHosts=${2 * count}`,
      'TTL=24h',
    ],
  );
  const files = fleet.folders.map((folder) => join(folder, 'hosts.db'));
  const bytesOut = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${monitor}/varz`);
    const { out_bytes } = (await answer.json()) as { out_bytes: number };
    return out_bytes;
  };
  fill(files[0] as string);
  await fleet.start(0);
  await fleet.start(1);
  await fleet.statusUntil(1, ({ hosts, peers }) => hosts.live === count && areAlive(1)(peers));

  const before = await bytesOut();
  const begun = performance.now();
  const { pid } = (await fleet.start(2)).child;
  const { counters } = await fleet.statusUntil(2, ({ hosts }) => hosts.live === count);
  const tookMs = Math.round(performance.now() - begun);
  const bytes = (await bytesOut()) - before;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024);
  t.log(
    `${tookMs} ms, ${Math.round(bytes / count)} bytes from NATS for each host, ${mib} MiB at most`,
  );
  t.is(counters.fleetLost, 0);
  await lookUntil(
    () => difference(files[0] as string, files[2] as string),
    (rows) => rows.length === 0,
  );
  // A record has about 120 bytes; both others may send their whole log at once, and no more than that.
  t.true(bytes < 2 * 170 * count + 1_000_000, `${bytes} bytes`);
  t.true(mib < 150 + count / 1_000, `${mib} MiB`);
});
