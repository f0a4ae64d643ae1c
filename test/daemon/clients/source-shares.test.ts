import test from 'ava';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';

test('source shares › who registers every port of an address has its share, and newcomers are told of others', async (t) => {
  const { port, status } = await startTestServer(t, { settings: { hostsPerSource: 200 } });
  const flood = Array.from({ length: 2_000 }, (_, index) => `alive evil ${index + 1}\n`).join('');
  const said = await exchange(port, flood, { from: '127.0.0.2' });
  t.is(said.match(/^ok$/gm)?.length, 200);
  t.regex(said, /\nerror registry-full 127\.0\.0\.2 has its share of this name server \(200 hosts/);
  for (let host = 10; host < 70; host++)
    await exchange(port, 'alive good 4000\n', { from: `127.0.1.${host}` });
  const list = await exchange(port, 'query new 4000 limit=50\n', { from: '127.0.0.3' });
  const listed = list.match(/\b127\.0\.[\d.]+:\d+/g) ?? [];
  t.is(listed.length, 50);
  t.is(listed.filter((address) => address.startsWith('127.0.0.2:')).length, 4);
  t.is((await status()).counters.registryFull, 1);
});

test('source shares › a registry that one source has filled takes honest newcomers', async (t) => {
  const { port, status } = await startTestServer(t, {
    settings: { maxHosts: 100, hostsPerSource: 1_024 },
  });
  for (const from of ['127.0.0.2', '127.0.0.3']) {
    const flood = Array.from({ length: 50 }, (_, index) => `alive evil ${index + 1}\n`).join('');
    await exchange(port, flood, { from });
  }
  for (let host = 10; host < 40; host++)
    t.regex(await exchange(port, 'query good 4000\n', { from: `127.0.1.${host}` }), /\nend 99 /);
  const { hosts, counters } = await status();
  t.deepEqual([hosts.live, counters.crowdedOut, counters.registryFull], [100, 30, 0]);
});
