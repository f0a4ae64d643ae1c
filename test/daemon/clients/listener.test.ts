import { createServer } from 'node:net';
import test from 'ava';
import { ListenError } from '../../../daemon/clients/listener.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

test('listener › a taken port is said, with how to find who has it, and nothing stays open', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  const folder = makeFolder(t);
  await t.throwsAsync(startTestServer(t, { folder, settings: { port } }), {
    instanceOf: ListenError,
    code: 'port-taken',
    message: `127.0.0.1:${port} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Port in ddns.conf`,
  });
  await new Promise((resolve) => holder.close(resolve));
  // The same folder, with the same database and socket, is free again.
  const server = await startTestServer(t, { folder, settings: { port } });
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
});

test('listener › an address that this machine does not have is said', async (t) => {
  await t.throwsAsync(startTestServer(t, { settings: { interface: '192.0.2.1' } }), {
    instanceOf: ListenError,
    code: 'address-missing',
    message:
      'this machine has no address 192.0.2.1. Set Interface in ddns.conf to one it has (ip address lists them)',
  });
});
