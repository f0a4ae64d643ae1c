// A disk that fills up under a running name server, and gets room again.
import { copyFileSync, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { HostStore } from '../../../daemon/store/host-store.ts';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { formatAddress } from '../../../shared/protocol/address.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { addresses, addressOf, register } from '../../fixture/registry.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** Fills the disk. @returns a function that frees it again */
function fill(folder: string): () => void {
  const fillers: string[] = [];
  for (let size = 256 * 1_024; size >= 4_096; )
    try {
      const filler = join(folder, `filler-${fillers.length}`);
      fillers.push(filler);
      writeFileSync(filler, Buffer.alloc(size));
    } catch {
      size /= 2;
    }
  return () => {
    for (const filler of fillers) rmSync(filler, { force: true });
  };
}

/** What a daemon would load after a kill at this moment. */
function storedNow(database: string, folder: string): string[] {
  const copy = join(folder, 'copy.db');
  for (const end of ['', '-wal'])
    if (existsSync(database + end)) copyFileSync(database + end, copy + end);
  const store = new HostStore(copy);
  const addresses: string[] = [];
  for (const { state, words } of store.records())
    if (state === 'live') addresses.push(formatAddress(words, 0));
  store.close();
  for (const end of ['', '-wal']) rmSync(copy + end, { force: true });
  return addresses.sort();
}

async function liveNow(console: IpcClient): Promise<string[]> {
  const { rows } = await console.page({ limit: 10_000 });
  return rows.map(({ address }) => address).sort();
}

function addressesTo(last: number): string[] {
  return Array.from({ length: last }, (_, index) => `127.0.0.1:${index + 1}`);
}

const notStored =
  'error not-stored this name server cannot write its registry now; the listed hosts are valid, register with another name server\n';

test('full disk › lists are served, registrations are refused, and everything is written once there is room', async (t) => {
  const disk = mountSmallDisk(t, 1_024);
  if (disk === null) return;
  const folder = makeFolder(t);
  const database = join(disk, 'hosts.db');
  const server = await startTestServer(t, { folder, settings: { database } });
  const console = await server.attach();
  const answered: string[] = [];
  const alive = async (port: number) => {
    const reply = await exchange(server.port, `alive n ${port}\n`);
    if (reply === 'ok\n') answered.push(`127.0.0.1:${port}`);
    return reply;
  };
  for (let port = 1; port <= 5; port++) t.is(await alive(port), 'ok\n');
  const free = fill(disk);

  // Free space inside the files still takes a few more.
  let port = 6;
  while ((await alive(port)) === 'ok\n') port++;
  t.true(port < 300, `${port} registrations on a full disk`);

  t.is(await alive(1), notStored);
  const known = await liveNow(console);
  t.is(
    await exchange(server.port, 'query asker 4000\nping\n', { from: '127.0.0.2' }),
    `hosts ${known.sort((a, b) => portOf(a) - portOf(b)).join(' ')}\n${notStored}`,
    'nothing is answered behind an error',
  );
  t.regex(await exchange(server.port, 'ping\n'), /^pong \S+\n$/);
  t.is(await exchange(server.port, 'leave n 1\n'), notStored);

  const { storage, counters } = await console.status();
  t.is(storage.state, 'degraded');
  t.regex(
    storage.reason ?? '',
    /hosts\.db: the disk is full .+\. Make room on it; ddnsd tries again every second/,
  );
  t.true(Date.now() - (storage.since ?? 0) < 60_000);
  t.true(counters.commitFailures > 0);
  t.true(
    server.logged.some(
      ({ level, msg }) => level === 'error' && /^storage failed/.test(String(msg)),
    ),
  );
  const { activity } = await console.subscribe(() => {});
  t.is(activity.findLast(({ kind }) => kind === 'storage')?.text ?? null, storage.reason);
  await t.throwsAsync(console.remove('127.0.0.1:2'), {
    code: ipcErrors.storageFailed,
    message: /^127\.0\.0\.1:2 was not removed: .+ the disk is full/,
  });
  t.deepEqual(storedNow(database, folder), answered.sort());

  free();
  const ok = await server.until(({ storage }) => storage.state === 'ok');
  t.deepEqual([ok.storage.reason, ok.storage.since], [null, null]);
  t.deepEqual(storedNow(database, folder), await liveNow(console));
  t.is(await alive(999), 'ok\n');
  await server.close();
  const again = await startTestServer(t, { folder, settings: { database } });
  const expected = [...answered.filter((address) => address !== '127.0.0.1:1')];
  const restored = await liveNow(await again.attach());
  for (const address of expected) t.true(restored.includes(address), address);
  t.false(restored.includes('127.0.0.1:1'));
});

// strongloop/strong-pm#368: what had filled the disk was there after a restart, too, and then nobody was served.
for (const isKilled of [false, true])
  test(`full disk › a name server starts on it with all its hosts, after ${isKilled ? 'a kill' : 'a stop'}`, async (t) => {
    const disk = mountSmallDisk(t, 1_024);
    if (disk === null) return;
    const database = join(disk, 'hosts.db');
    const settings = { database };
    const before = await startTestServer(t, { folder: makeFolder(t), settings });
    for (let port = 1; port <= 5; port++)
      t.is(await exchange(before.port, `alive n ${port}\n`), 'ok\n');
    const copies = ['', '-wal', '-mark'].map((end) => [
      database + end,
      join(makeFolder(t), 'copy'),
    ]);
    if (isKilled) for (const [from, to] of copies) copyFileSync(from as string, to as string);
    await before.close();
    if (isKilled) for (const [from, to] of copies) copyFileSync(to as string, from as string);
    const free = fill(disk);

    const after = await startTestServer(t, { folder: makeFolder(t), settings });
    const list = await exchange(after.port, 'query n 6\n');
    t.deepEqual(list.match(/127\.0\.0\.1:\d/g)?.sort(), addressesTo(5));
    t.true(list.endsWith(notStored));
    t.regex((await after.status()).storage.reason ?? '', /: the disk is full \(/);
    free();
    await after.until(({ storage }) => storage.state === 'ok');
    t.is(await exchange(after.port, 'alive n 7\n'), 'ok\n');
  });

test('full disk › a host whose removal cannot be stored is not removed', async (t) => {
  const disk = mountSmallDisk(t, 1_024);
  if (disk === null) return;
  const database = join(disk, 'hosts.db');
  const server = await startTestServer(t, { folder: makeFolder(t), settings: { database } });
  const ports = Array.from({ length: 60 }, (_, index) => index + 1);
  await exchange(server.port, ports.map((port) => `alive n ${port}\n`).join(''));
  const console = await server.attach();
  fill(disk);
  // The first commits may fit into free space inside the files; the one that fails is a removal.
  for (const port of ports) {
    const before = await console.host(`127.0.0.1:${port}`);
    const removal = await console.remove(before.address).catch((error: unknown) => error);
    if (!(removal instanceof Error)) continue;
    t.regex(removal.message, /^127\.0\.0\.1:\d+ was not removed: .+ the disk is full/);
    t.like(removal, { code: ipcErrors.storageFailed });
    t.deepEqual(await console.host(before.address), before);
    t.is((await console.status()).counters.removed, port - 1);
    // Hosts reported as removed are removed for good.
    const live = await liveNow(console);
    t.is(live.length, ports.length - port + 1);
    t.deepEqual(storedNow(database, server.settings.socket.replace(/[^/]+$/, '')), live);
    return;
  }
  t.fail('the disk was never full');
});

test('full disk › a checkpoint that finds no room loses nothing, and is done once there is some', (t) => {
  const disk = mountSmallDisk(t, 8 * 1_024);
  if (disk === null) return;
  const database = join(disk, 'hosts.db');
  const store = new HostStore(database);
  t.teardown(() => store.close());
  const registry = new Registry({ maxHosts: 30_000, server: store.identity.serverId });
  const held: string[] = [];
  store.on('held', (text) => held.push(text));
  for (const address of addresses(20_000)) register(registry, address);
  store.commit(registry);
  const { size } = statSync(database);
  const { bavail, bsize } = statfsSync(disk);
  // The checkpoint needs more than a megabyte.
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 300_000));
  store.checkpoint();
  t.regex(
    String(held),
    /hosts\.db cannot be written into it, and grows: database or disk is full\. Look at/,
  );
  t.is(storedNow(database, makeFolder(t)).length, 20_000, 'after a kill');
  rmSync(filler);
  // Until the next one is due.
  for (let index = 20_000; statSync(database).size < size + 1_000_000; index++) {
    register(registry, addressOf(index));
    store.commit(registry);
    store.checkpoint();
  }
  store.close();
  t.is(storedNow(database, makeFolder(t)).length, registry.live.length);
});

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}
