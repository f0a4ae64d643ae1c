import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import test from 'ava';
import { runLoad } from './load-process.ts';

test('load › a server that answers nothing ends the load all the same, and each of its connections counts as failed', async (t) => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const result = await runLoad({
    exchange: { name: 'bare', argument: '3' },
    ...{ port, seconds: 1, hosts: 10, clients: 3, depth: 2, reconnect: false },
  });
  t.like(result, { requests: 0, failures: 3 });
});
