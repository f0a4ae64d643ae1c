// Allow, Deny and Proxies with worker processes: each of them keeps strangers out, and the main process, which gets the
// connections with TLS, knows the client behind a load balancer, too.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { connectedSocket, shakeHands } from '../../fixture/tls-client.ts';
import { makeFolder, startDdnsd } from '../program.ts';

const secret = '0123456789abcdef0123456789abcdef';
const balancer = '127.0.0.9';

test.serial(
  'workers › who is served is the same in every process, and changes while they run',
  async (t) => {
    const folder = await makeFolder(t);
    const port = await freePort();
    const conf = join(folder, 'ddns.conf');
    const configure = (more: string) =>
      writeFile(
        conf,
        `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nThreads=2\nSecret=${secret}\nProxies=${balancer}\n${more}`,
      );
    await configure('Deny=127.0.0.8,192.0.2.66\n');
    const running = await startDdnsd(t, ['--conf', conf]);
    await running.line(/name server is ready/);
    const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
    t.teardown(() => console.close());
    // The system chooses the process of a connection: with sixteen, each has some.
    const tries = Array.from({ length: 16 }, (_, index) => index);
    const header = (client: string) => `PROXY TCP4 ${client} 203.0.113.9 1234 4524\r\n`;
    const behind = async (client: string, text: string) => {
      const connection = await TcpClient.open(port, { from: balancer });
      connection.send(`${header(client)}${text}`);
      connection.end();
      return connection.closed;
    };
    const ping = (from: string) => exchange(port, 'ping\n', { from }).catch(() => '');
    for (const i of tries) {
      t.is(await ping('127.0.0.8'), '');
      t.is(await behind('192.0.2.66', 'ping\n'), '');
      t.is(await behind(`192.0.2.${i}`, `alive n${i} 4000\n`), 'ok\n');
    }
    // Inside TLS, which ends in the main process.
    const socket = await connectedSocket(port, { from: balancer });
    socket.write(header('198.51.100.7'));
    const secured = await shakeHands(socket, secret);
    t.is(await secured.ask('alive tls 4000\n'), 'ok\n');
    const { rows } = await console.page({ limit: 100 });
    t.deepEqual(
      rows.map(({ address }) => address).toSorted(),
      [...tries.map((i) => `192.0.2.${i}:4000`), '198.51.100.7:4000'].toSorted(),
    );
    await configure('Deny=127.0.0.7\n');
    await console.reload();
    for (const _ of tries) t.is(await ping('127.0.0.7'), '');
    for (const _ of tries) t.regex(await ping('127.0.0.8'), /^pong /);
  },
);
