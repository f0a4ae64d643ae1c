// The setting Metrics: it applies live, it never stops the name server, and its pages say how it is.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { ask, scrape } from '../../fixture/metrics-page.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { exchange } from '../../fixture/tcp-client.ts';

const anyPort = '127.0.0.1:0';

function portOf({ metricsAddress }: TestServer): number {
  if (metricsAddress === null) throw new Error('no metrics');
  return metricsAddress.port;
}

/** Where it listens after a change of Metrics. */
function moved(server: TestServer, metrics: string | null) {
  server.settings = Object.assign(server.settings, { metrics });
  return server.reload();
}

test('monitoring › there is no port unless Metrics names one', async (t) => {
  const server = await startTestServer(t);
  t.is(server.metricsAddress, null);
});

test('monitoring › a name server that is not monitored loads no HTTP', (t) => {
  const program = `await import('./daemon/name-server.ts');
    console.log(process.moduleLoadList.filter((name) => /undici|_http/.test(name)));`;
  t.is(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
    '[]\n',
  );
});

test('monitoring › Metrics is opened, moved and closed by a reload', async (t) => {
  const server = await startTestServer(t);
  const [first, second] = [await freePort(), await freePort()];
  await moved(server, `127.0.0.1:${first}`);
  await lookUntil(
    () => server.metricsAddress?.port,
    (port) => port === first,
  );
  t.is((await ask(first, '/healthz')).body, 'alive\n');
  await exchange(server.port, 'query a 4000\n');
  t.is((await scrape(first)).get('ddns_queries_total{dialect="native",type="query"}'), 1);
  await moved(server, `127.0.0.1:${second}`);
  await lookUntil(
    () => server.metricsAddress?.port,
    (port) => port === second,
  );
  await t.throwsAsync(ask(first, '/healthz'), { code: 'ECONNREFUSED' });
  const samples = await scrape(second);
  t.is(samples.get('ddns_queries_total{dialect="native",type="query"}'), 1);
  await moved(server, null);
  await lookUntil(
    () => server.metricsAddress,
    (address) => address === null,
  );
  await t.throwsAsync(ask(second, '/healthz'), { code: 'ECONNREFUSED' });
});

test('monitoring › a port that is taken is said once, stops nothing, and is used once it is free', async (t) => {
  const other = createServer();
  const port = await freePort();
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  const server = await startTestServer(t, { settings: { metrics: `127.0.0.1:${port}` } });
  t.is(server.metricsAddress, null);
  t.regex(await exchange(server.port, 'query a 4000\n'), /^end 0 /);
  await server.reload();
  await new Promise((resolve) => other.close(resolve));
  await lookUntil(
    () => server.metricsAddress?.port,
    (used) => used === port,
  );
  const said = server.logged.filter(({ level }) => level === 'error').map(({ msg }) => msg);
  t.deepEqual(said, [
    `no metrics: 127.0.0.1:${port} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Metrics in ddns.conf`,
  ]);
  t.is((await ask(port, '/readyz')).status, 200);
});

test('monitoring › an address that the machine does not have is said to be one of Metrics', async (t) => {
  const server = await startTestServer(t, { settings: { metrics: '192.0.2.1:9524' } });
  t.true(
    server.logged.some(
      ({ msg }) =>
        msg ===
        'no metrics: this machine has no address 192.0.2.1. Set Metrics in ddns.conf to one it has (ip address lists them)',
    ),
  );
});

test('monitoring › a server is ready once it has what its peers have, and not while it is drained', async (t) => {
  const [port, peerPort] = [await freePort(), await freePort()];
  const server = await startTestServer(t, {
    settings: { port, metrics: anyPort, nameServers: [`127.0.0.1:${peerPort}`] },
  });
  const ready = () => ask(portOf(server), '/readyz');
  t.deepEqual(await ready().then(({ status, body }) => [status, body]), [
    503,
    'not ready: hosts that the other name servers have are still missing here\n',
  ]);
  await startTestServer(t, {
    settings: { port: peerPort, nameServers: [`127.0.0.1:${port}`] },
  });
  await lookUntil(ready, ({ status, body }) => status === 200 && body === 'ready\n');
  const console = await server.attach();
  await console.drain();
  const drained = await lookUntil(ready, ({ status }) => status !== 200);
  t.is(
    drained.body,
    'not ready: the name server is being drained: nodes are redirected to the others\n',
  );
  t.is((await ask(portOf(server), '/healthz')).status, 200);
  t.is((await scrape(portOf(server))).get('ddns_redirecting{mode="drain"}'), 1);
});

test('monitoring › a server that cannot store registrations is alive and not ready, with the reason', async (t) => {
  const disk = mountSmallDisk(t, 512);
  if (disk === null) return;
  const server = await startTestServer(t, { folder: disk, settings: { metrics: anyPort } });
  const port = portOf(server);
  t.deepEqual([(await ask(port, '/readyz')).status], [200]);
  const fill = async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `alive n${index} ${1_000 + index}\n`);
    await exchange(server.port, lines.join(''));
    return (await server.status()).storage.state;
  };
  t.throws(() => writeFileSync(`${disk}/filler`, Buffer.alloc(1_048_576)), { code: 'ENOSPC' });
  await lookUntil(fill, (state) => state === 'degraded');
  const { status, body } = await lookUntil(
    () => ask(port, '/readyz'),
    (reply) => reply.status !== 200,
  );
  t.is(status, 503);
  t.regex(body, /^not ready: registrations cannot be stored: .*disk is full/);
  const samples = await scrape(port);
  t.is(samples.get('ddns_ready{condition="storage"}'), 0);
  t.true((samples.get('ddns_commits_total{result="failed"}') ?? 0) > 0);
});
