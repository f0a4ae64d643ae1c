// Who has an address that two nodes of one machine claim, at a whole name server: real nodes on loopback.
import test from 'ava';
import { startHost } from '../../fixture/loopback-host.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';

test('taking over › an id that the host does not answer with gets neither its place nor may it say leave', async (t) => {
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

test('taking over › the node that answers has the address, and signs itself off', async (t) => {
  const server = await startTestServer(t);
  const port = await startHost(t, 'after');
  await exchange(server.port, `alive before ${port}\nalive after ${port}\n`);
  await server.until(({ counters }) => counters.takeovers === 1);
  t.is(await exchange(server.port, `leave after ${port}\n`), 'ok\n');
  t.is((await server.status()).hosts.live, 0);
});
