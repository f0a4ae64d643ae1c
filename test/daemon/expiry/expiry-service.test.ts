// Expiry of a whole name server: real hosts, answering or silent, with a TTL of one second.
import test from 'ava';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startHost } from '../../fixture/loopback-host.ts';
import { startTestServer, testSettings } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

test('expiry service › "If it doesn\'t respond, the registry is deleted from the list"', async (t) => {
  const server = await startTestServer(t, { settings: { ttlMs: 1_000 } });
  const [answering, silent] = [await startHost(t, 'here'), await freePort()];
  await exchange(server.port, `alive here ${answering}\nalive gone ${silent}\n`);
  const { hosts, counters } = await server.until((status) => status.counters.expired === 1);
  t.is(hosts.live, 1);
  t.true(counters.pingsAnswered >= 1);
  const console = await server.attach();
  t.is((await console.page({})).rows[0]?.nodeId, 'here');
  t.is((await console.page({ states: ['gone'] })).rows[0]?.nodeId, 'gone');
  const { activity } = await console.subscribe(() => {});
  t.deepEqual(
    activity.filter(({ kind }) => kind === 'expired').map(({ address }) => address),
    [`127.0.0.1:${silent}`],
  );
});

test('expiry service › "If the node responds, the timestamp of the registry is updated"', async (t) => {
  const server = await startTestServer(t, { settings: { ttlMs: 1_000 } });
  const port = await startHost(t, 'here');
  await exchange(server.port, `alive here ${port}\n`);
  const console = await server.attach();
  const before = await console.host(`127.0.0.1:${port}`);
  const { pingsAnswered } = (await server.status()).counters;
  await server.until((status) => status.counters.pingsAnswered >= pingsAnswered + 2);
  const after = await console.host(`127.0.0.1:${port}`);
  t.true(after.lastSeen > before.lastSeen);
  t.is(after.firstSeen, before.firstSeen);
});

test('expiry service › a TTL changed by a reload is in force at once', async (t) => {
  const folder = makeFolder(t);
  const settings = testSettings(folder, { ttlMs: 1_000 });
  const server = await startTestServer(t, {
    folder,
    reload: () => ({
      settings,
      confFile: '',
      startupFile: null,
      document: parseConf('Port=4524\n'),
      warnings: [],
    }),
  });
  // One host answers, which proves that the network works.
  const [answering, silent] = [await startHost(t, 'here'), await freePort()];
  await exchange(server.port, `alive here ${answering}\nalive gone ${silent}\n`);
  await server.reload();
  const { hosts } = await server.until((status) => status.counters.expired === 1);
  t.is(hosts.live, 1);
});

test('expiry service › an operator sees why deletions are held back, and can override that', async (t) => {
  const server = await startTestServer(t);
  const { active, reason, overridden } = (await server.status()).selfPreservation;
  t.deepEqual(
    { active, reason, overridden },
    { active: true, reason: 'starting', overridden: false },
  );
  const console = await server.attach();
  await console.overrideSelfPreservation();
  const status = await server.until(({ selfPreservation }) => !selfPreservation.active);
  t.true(status.selfPreservation.overridden);
});

test('expiry service › a new host is pinged soon, long before its TTL ends', async (t) => {
  const server = await startTestServer(t, { settings: { ttlMs: 60_000 } });
  const port = await startHost(t, 'here');
  await exchange(server.port, `alive here ${port}\n`);
  const { hosts } = await server.until((status) => status.counters.pingsAnswered === 1);
  t.is(hosts.live, 1);
});

test('expiry service › reports once that no host can be pinged, in the log and to consoles, and when that ends', async (t) => {
  const server = await startTestServer(t, { settings: { ttlMs: 2_000 } });
  const ports = [await freePort(), await freePort()];
  const keepInTouch = () =>
    exchange(server.port, ports.map((port) => `alive node-${port} ${port}\n`).join(''));
  await keepInTouch();
  await server.until(({ expiry }) => expiry.nobodyAnswers === true);
  const told = () => server.logged.filter(({ msg }) => /ever answered a ping/.test(String(msg)));
  await server.until(({ counters }) => counters.pingsSent >= 6);
  t.is(told().length, 1);
  t.like(told()[0], { level: 'warn', hosts: 2 });
  const answering = await startHost(t, 'here');
  await exchange(server.port, `alive here ${answering}\n`);
  await server.until(({ expiry }) => expiry.nobodyAnswers === false);
  t.is(told().length, 1);
});

test('taking over › a node can neither take over nor sign off a host that answers with another id', async (t) => {
  const server = await startTestServer(t);
  const port = await startHost(t, 'victim');
  await exchange(server.port, `alive victim ${port}\n`);
  t.is(await exchange(server.port, `alive evil ${port}\n`), 'ok\n');
  const status = await server.until(({ counters }) => counters.takeoversRefused === 1);
  t.is(status.counters.takeovers, 0);
  t.deepEqual(status.expiry.contested, [
    { address: `127.0.0.1:${port}`, nodeIds: ['victim', 'evil'] },
  ]);
  t.like(
    server.logged.find(({ msg }) => /two nodes register the same address/.test(String(msg))),
    { level: 'warn', address: `127.0.0.1:${port}`, nodeIds: ['victim', 'evil'] },
  );
  t.regex(await exchange(server.port, `leave evil ${port}\n`), /^error wrong-node-id /);
  await exchange(server.port, `3/evil/${port}/`);
  await server.until(({ counters }) => counters.takeoversRefused === 2);
  const console = await server.attach();
  t.like(await console.host(`127.0.0.1:${port}`), { nodeId: 'victim', dialect: 'native' });
});

test('taking over › the node that answers gets the address, and can sign itself off', async (t) => {
  const server = await startTestServer(t);
  const port = await startHost(t, 'after');
  await exchange(server.port, `alive before ${port}\nalive after ${port}\n`);
  await server.until(({ counters }) => counters.takeovers === 1);
  t.is(await exchange(server.port, `leave after ${port}\n`), 'ok\n');
  t.is((await server.status()).hosts.live, 0);
});
