// NameServers while the name servers run: who is added takes part at once, and of who is removed nothing is left.
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { Secret } from '../../../shared/config/secret.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { askTcp } from '../../fixture/dns-client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

/** A reload with other name servers, by their IP addresses. */
async function name(server: TestServer, ...others: string[]) {
  server.settings.nameServers = others.map((ip) => `${ip}:${server.port}`);
  await server.reload();
}

/** Three, of which only the first two name each other. */
async function startThree(t: ExecutionContext, secret: Secret | null) {
  const port = await freePort();
  const folder = makeFolder(t);
  const start = (index: number, ...others: string[]) =>
    startTestServer(t, {
      ...(index === 0 ? { folder } : {}),
      settings: {
        ...{ interface: ips[index] as string, port, secret },
        nameServers: others.map((ip) => `${ip}:${port}`),
      },
    });
  const [a, b] = ips;
  return {
    port,
    database: join(folder, 'hosts.db'),
    servers: [await start(0, b), await start(1, a), await start(2, a)] as const,
  };
}

function addressesOf({ peers }: { peers: { address: string }[] }): string[] {
  return peers.map(({ address }) => address);
}

for (const secret of [null, new Secret('a secret of the three name servers')])
  test(`live name servers › one that is added takes part, and one that is removed is forgotten, ${secret ? 'with' : 'without'} a secret`, async (t) => {
    t.timeout(100_000);
    const { port, database, servers } = await startThree(t, secret);
    const [first, second, third] = servers;
    const [, b, c] = ips;
    const refusal = new RegExp(`^${c}\\S* is not in NameServers here; add it to ddns.conf of both`);
    await third.until(({ peers }) => refusal.test(peers[0]?.trouble ?? ''));
    await exchange(port, 'alive node 4000\n', { host: c, from: '127.0.9.1' });

    await name(first, b, c);
    await first.until(({ peers, hosts }) => hosts.live === 1 && peers[1]?.state === 'alive');
    await third.until(({ peers }) => peers[0]?.state === 'alive' && peers[0].trouble === null);
    const { id } = (await third.status()).server;
    const applied = () => {
      const file = new Database(database, { readonly: true });
      try {
        return file.prepare('SELECT server FROM applied').pluck().all();
      } finally {
        file.close();
      }
    };

    await name(first, b);
    const { peers } = await first.status();
    t.deepEqual(addressesOf({ peers }), [`${b}:${port}`]);
    t.is(peers[0]?.trouble, null, 'the others are not disturbed');
    await third.until(({ peers: [peer] }) => refusal.test(peer?.trouble ?? ''));
    await exchange(port, 'alive late 4001\n', { host: c, from: '127.0.9.2' });
    await exchange(port, 'alive node 4002\n', { host: b, from: '127.0.9.3' });
    await first.until(({ hosts }) => hosts.live === 2);
    t.is(
      (await first.status()).hosts.live,
      2,
      'the host that one knew stays, later ones do not come',
    );

    // As etcd-io/etcd#2676, where a member that was removed could not be added again.
    await name(first, b, c);
    await first.until(({ hosts, peers: [, peer] }) => hosts.live === 3 && peer?.lag === 0);
    await third.until(({ peers: [peer] }) => peer?.trouble === null && peer.lag === 0);
    await name(first, b);
    await Promise.all([second.close(), first.close()]);
    t.false(applied().includes(id), 'its place in the version vector is free');
  });

test('live name servers › the zone has NS records for those that are named now', async (t) => {
  const server = await startTestServer(t, { settings: { nameServers: ['192.0.2.1:1'] } });
  const addresses = async () => {
    const answer = await askTcp(server.port, 'dynamo', 'NS');
    return answer.additionals?.map((record) => ('data' in record ? record.data : null));
  };
  t.deepEqual(await addresses(), ['127.0.0.1', '192.0.2.1']);
  server.settings.nameServers = ['192.0.2.2:1', '192.0.2.3:1'];
  await server.reload();
  // Answers of the snapshot before are kept for a second.
  const later = await lookUntil(addresses, (seen) => seen?.includes('192.0.2.3') === true);
  t.deepEqual(later, ['127.0.0.1', '192.0.2.2', '192.0.2.3']);
});

test('live name servers › a server that finds itself in the list stays left out after a reload', async (t) => {
  const port = await freePort();
  const [a, b] = ips;
  const server = await startTestServer(t, {
    settings: { interface: a, port, nameServers: [`${a}:${port}`] },
  });
  await server.until(({ peers }) => peers.length === 0);
  await name(server, a, b);
  t.deepEqual(addressesOf(await server.status()), [`${b}:${port}`]);
});

for (const secret of [null, new Secret('a secret of two name servers')])
  test(`live name servers › one that is named by its host name is found where it moves, ${secret ? 'with' : 'without'} a secret`, async (t) => {
    t.timeout(100_000);
    const port = await freePort();
    const [a, b, c] = ips;
    let at: string | null = null;
    const first = await startTestServer(t, {
      settings: { interface: a, port, secret, nameServers: [`second.example:${port}`] },
      lookup: async () => (at === null ? [] : [{ address: at, family: 4 }]),
    });
    const { peers } = await first.until(({ peers: [peer] }) => peer?.trouble !== null);
    t.regex(
      peers[0]?.trouble ?? '',
      /^has a name that does not resolve \(no address\): check second\.example,/,
    );
    const folder = makeFolder(t);
    const startAt = (ip: string) => {
      at = ip;
      const settings = { interface: ip, port, secret, nameServers: [`localhost:${port}`] };
      return startTestServer(t, {
        folder,
        settings,
        lookup: async () => [{ address: a, family: 4 }],
      });
    };
    const isThere = async (server: TestServer) => {
      const found = await server.until(
        ({ peers: [peer] }) => peer?.state === 'alive' && peer.lag === 0,
      );
      t.deepEqual([found.peers.length, found.peers[0]?.trouble], [1, null]);
      return found.peers[0]?.id;
    };
    const before = await startAt(b);
    const id = await isThere(first);
    await isThere(before);
    await exchange(port, 'alive node 4000\n', { host: b, from: '127.0.9.1' });
    await first.until(({ hosts }) => hosts.live === 1);
    await before.close();
    await first.until(({ peers: [peer] }) => peer?.encrypted === null);
    const after = await startAt(c);
    await isThere(after);
    t.is(await isThere(first), id);
    await exchange(port, 'alive node 4001\n', { host: c, from: '127.0.9.1' });
    await first.until(({ hosts }) => hosts.live === 2);
    t.deepEqual(addressesOf(await first.status()), [`second.example:${port}`]);
  });

test('live name servers › one that is named by two addresses is one peer, and is reached at either', async (t) => {
  const port = await freePort();
  const places = new Map<string, string>();
  const [a, b, c] = ips;
  places.set('b.example', b);
  const lookup = async (name: string) => [{ address: places.get(name) ?? '', family: 4 }];
  const folder = makeFolder(t);
  const first = await startTestServer(t, {
    settings: { interface: a, port, nameServers: [`${b}:${port}`, `b.example:${port}`] },
    lookup,
  });
  const start = (ip: string) =>
    startTestServer(t, {
      ...{ folder, lookup },
      settings: { interface: ip, port, nameServers: [`${a}:${port}`] },
    });
  const isOne = ({ peers }: Status) => peers.length === 1 && peers[0]?.lag === 0;
  const second = await start(b);
  const { peers } = await first.until(isOne);
  await second.until(isOne);
  const told = first.logged.filter(({ msg }) => /under another address: both/.test(String(msg)));
  t.is(told.length, 1);

  // Its name leads elsewhere; the address that is named besides does not.
  await second.close();
  places.set('b.example', c);
  await start(c);
  const moved = await first.until(
    (status) => isOne(status) && /where it is named, too/.test(status.peers[0]?.trouble ?? ''),
  );
  t.is(moved.peers[0]?.id, peers[0]?.id);

  first.settings.nameServers = [`b.example:${port}`];
  await first.reload();
  const { peers: left } = await first.until(isOne);
  t.deepEqual(addressesOf({ peers: left }), [`b.example:${port}`]);
});

test("live name servers › a name that is still dialled from before it was a peer's may lead elsewhere meanwhile", async (t) => {
  const port = await freePort();
  const [a, b, c] = ips;
  let place: string = b;
  let lookups = 0;
  let release = () => {};
  const moved = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Answered once, then when the name has moved.
  const lookup = async () => {
    if (lookups++ > 0) await moved;
    return [{ address: place, family: 4 }];
  };
  const settings = { port, nameServers: [`${a}:${port}`] };
  await startTestServer(t, { settings: { ...settings, interface: b } });
  const first = await startTestServer(t, {
    settings: { interface: a, port, nameServers: [`${b}:${port}`, `b.example:${port}`] },
    lookup,
  });
  await first.until(({ peers }) => peers.length === 1 && peers[0]?.lag === 0);
  await startTestServer(t, { settings: { ...settings, interface: c } });
  await lookUntil(
    () => lookups,
    (count) => count > 1,
  );
  place = c;
  release();
  const found = await first.until(
    ({ peers }) => peers.length === 2 && peers.every(({ state }) => state === 'alive'),
  );
  t.deepEqual(addressesOf(found), [`${b}:${port}`, `b.example:${port}`]);
});

// LiskArchive/lisk-sdk#3733: an address that was once found to be this server's own was left out for good. A name that
// leads to this server, or to another one, by mistake or before that one has moved, is corrected while both run.
test('live name servers › a name that led to this server, or to another one, is that of the server where it leads now', async (t) => {
  t.timeout(100_000);
  const port = await freePort();
  const [a, b, c] = ips;
  const places = new Map([
    ['b.example', b as string],
    ['c.example', a],
  ]);
  const lookup = async (name: string) => [{ address: places.get(name) ?? '', family: 4 }];
  const start = (ip: string, others: string[]) =>
    startTestServer(t, {
      settings: { interface: ip, port, nameServers: others.map((each) => `${each}:${port}`) },
      lookup,
    });
  const first = await start(a, ['b.example', 'c.example']);
  await start(b, [a]);
  await first.until(({ peers }) => peers.length === 1 && peers[0]?.lag === 0);
  const third = await start(c, [a]);
  const isThere = async (other: TestServer) => {
    await lookUntil(async () => {
      await first.reload();
      const { peers } = await first.status();
      return peers.length === 2 && peers.every(({ lag, trouble }) => lag === 0 && trouble === null);
    });
    await other.until(({ peers: [peer] }) => peer?.lag === 0 && peer.trouble === null);
  };
  places.set('c.example', c);
  await isThere(third);
  places.set('c.example', b);
  await first.reload();
  const [peer] = (await first.status()).peers;
  t.is(peer?.address, `b.example:${port}`);
  await third.close();
  await first.until(({ peers }) => peers.length === 1);
  places.set('c.example', c);
  await isThere(await start(c, [a]));
});

for (const isNamedBefore of [true, false])
  test(`live name servers › one that has moved is one peer while both of its addresses are named, the new one ${isNamedBefore ? 'before' : 'after'} it moves`, async (t) => {
    t.timeout(100_000);
    const port = await freePort();
    // Without one, a server is known by the address that it comes from.
    const secret = isNamedBefore ? null : new Secret('a secret of two name servers');
    const [a, b, c] = ips;
    const folder = makeFolder(t);
    const both = [b, c].map((ip) => `${ip}:${port}`);
    const first = await startTestServer(t, {
      settings: {
        interface: a,
        secret,
        port,
        ttlMs: 60_000,
        nameServers: both.slice(0, isNamedBefore ? 2 : 1),
      },
    });
    const start = (ip: string) =>
      startTestServer(t, {
        folder,
        settings: { interface: ip, port, secret, ttlMs: 60_000, nameServers: [`${a}:${port}`] },
      });
    const second = await start(b);
    await first.until(({ peers }) => peers.some(({ lag }) => lag === 0));
    await second.close();
    const moved = await start(c);
    if (!isNamedBefore) {
      await moved.until(({ peers }) => peers.some(({ lag }) => lag === 0));
      await name(first, b, c);
    }
    const { peers } = await first.until(
      ({ peers: [peer, ...more] }) =>
        more.length === 0 && peer?.state === 'alive' && peer.lag === 0 && peer.encrypted !== null,
    );
    t.is(peers[0]?.address, `${c}:${port}`);
    t.is(
      peers[0]?.trouble,
      `does not answer at ${b}:${port}, where it is named, too; if it has moved, remove that from NameServers`,
    );
    await exchange(port, 'alive node 4000\n', { host: c, from: '127.0.9.1' });
    await first.until(({ hosts }) => hosts.live === 1);
    await name(first, c);
    const { peers: left } = await first.until(
      ({ peers: [peer] }) => peer?.lag === 0 && peer.trouble === null && peer.address.startsWith(c),
    );
    t.is(left.length, 1);
  });

// hashicorp/consul#3902: servers whose addresses all changed at once did not find each other by name any more.
// etcd-io/etcd#7798: one name that did not resolve kept the others from starting.
test('live name servers › a fleet that moves as a whole finds itself by name, and a name that does not resolve stops nobody', async (t) => {
  const port = await freePort();
  const places = new Map<string, string>();
  const lookup = async (name: string) => {
    const address = places.get(name);
    if (address === undefined) throw Object.assign(new Error(), { code: 'ENOTFOUND' });
    return [{ address, family: 4 }];
  };
  const names = ['a.example', 'b.example', 'gone.example'];
  const folders = [makeFolder(t), makeFolder(t)];
  const startAt = async (...where: string[]) => {
    for (const [index, ip] of where.entries()) places.set(names[index] as string, ip);
    const servers: TestServer[] = [];
    for (const [index, ip] of where.entries()) {
      const nameServers = names
        .filter((_, each) => each !== index)
        .map((name) => `${name}:${port}`);
      const settings = { interface: ip, port, nameServers };
      servers.push(
        await startTestServer(t, { folder: folders[index] as string, lookup, settings }),
      );
    }
    for (const server of servers)
      await server.until(({ peers }) => {
        const gone = peers.find(({ address }) => address.startsWith('gone.'));
        const isNamed = /^has a name that does not resolve \(ENOTFOUND\)/.test(gone?.trouble ?? '');
        return isNamed && peers.filter(({ lag }) => lag === 0).length === 1;
      });
    return servers;
  };
  const [a, b, c] = ips;
  const before = await startAt(a, b);
  await exchange(port, 'alive node 4000\n', { host: a, from: '127.0.9.1' });
  for (const server of before) await server.close();
  const [, second] = await startAt(c, '127.0.0.5');
  await second?.until(({ hosts }) => hosts.live === 1);
  t.pass();
});
