// Records what the version before leaves for this one: a database, and what its name servers say to each other. Run it
// with the programs of that version, built elsewhere, before its successor is released:
//   DDNS_TEST_PROGRAMS=/path/of/it/dist node test/version-before/record.ts
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectIpc } from '../../shared/ipc/client.ts';
import { freePort } from '../fixture/free-port.ts';
import { lookUntil } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';
import { exchange, sendAndWait } from '../fixture/tcp-client.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Each server, and where the other one finds it: a proxy, which writes down what is said. */
const servers = [
  { ip: '127.0.9.51', seenAs: '127.0.9.53', name: 'first' },
  { ip: '127.0.9.52', seenAs: '127.0.9.54', name: 'second' },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'ddns-before-'));
const port = await freePort();
/** of the connection that the first server dialled: what both said, by line, `>` the dialler */
const said: string[] = [];
const ends: (() => void)[] = [];

function listen(index: 0 | 1): Promise<void> {
  const [server, other] = [servers[index], servers[1 - index] as (typeof servers)[number]];
  const proxy = createServer((dialler) => {
    const accepted = connect({ host: server.ip, port, localAddress: other.seenAs });
    const note = (from: Socket, to: Socket, mark: string) => {
      let rest = '';
      from.on('data', (bytes) => {
        to.write(bytes);
        if (index === 0) return;
        const lines = (rest + bytes.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        said.push(...lines.map((line) => `${mark} ${line}`));
      });
      from.on('close', () => to.destroy());
      from.on('error', () => {});
    };
    note(dialler, accepted, '>');
    note(accepted, dialler, '<');
  });
  ends.push(() => proxy.close());
  return new Promise((resolve) => proxy.listen(port, server.seenAs, resolve));
}

async function start(index: 0 | 1) {
  const [server, other] = [servers[index], servers[1 - index] as (typeof servers)[number]];
  const conf = join(folder, `${server.name}.conf`);
  const lines = [
    ...[`Interface=${server.ip}`, `Port=${port}`, `Advertise=${server.seenAs}:${port}`],
    ...[`Database=${server.name}.db`, `Socket=${server.name}.sock`, 'Threads=1'],
    `NameServers=${other.seenAs}:${port}`,
  ];
  writeFileSync(conf, `${lines.join('\n')}\n`);
  const command = programCommand('ddnsd', '--conf', conf, '--stop-on-stdin-end');
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'inherit', 'inherit'] });
  const socket = join(folder, `${server.name}.sock`);
  const client = await lookUntil(
    () => connectIpc(socket, { name: 'record', version: '0' }).catch(() => null),
    (found) => found !== null,
  );
  const stop = () => {
    child.stdin.end();
    return new Promise<void>((resolve) => child.once('close', () => resolve()));
  };
  return { client: client as NonNullable<typeof client>, stop };
}

try {
  const first = await start(0);
  const uuid = '123e4567-e89b-42d3-a456-426614174000';
  const say = (index: 0 | 1, from: string, text: string) =>
    exchange(port, text, { host: servers[index].ip, from });
  await say(0, '127.0.9.61', 'alive node-1 4001\n');
  await say(0, '127.0.9.62', `alive ${uuid} 4002\n`);
  await sendAndWait(port, `3/${uuid}/4003/`, { host: servers[0].ip, from: '127.0.9.63' });
  await say(0, '127.0.9.64', 'alive node-4 4004\n');
  await say(0, '127.0.9.64', 'leave node-4 4004\n');
  // A legacy host is proved when it accepts a connection.
  const host = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => host.listen(4003, '127.0.9.63', resolve));
  ends.push(() => host.close());
  await first.client.ping('127.0.9.63:4003');
  const second = await start(1);
  await say(1, '127.0.9.65', 'alive node-5 4005\n');
  for (const index of [0, 1] as const) await listen(index);
  for (const { client } of [first, second])
    await lookUntil(
      () => client.status(),
      ({ hosts }) => hosts.live === 4,
    );
  await first.client.syncPeers();
  await say(0, '127.0.9.61', 'alive node-1 4001\n');
  for (const { client } of [first, second]) client.close();
  for (const { stop } of [first, second]) await stop();
  copyFileSync(join(folder, 'first.db'), join(here, 'hosts.db'));
  writeFileSync(join(here, 'sync.txt'), `${said.join('\n')}\n`);
} finally {
  for (const end of ends) end();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
