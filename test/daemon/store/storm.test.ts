// "kill -9 at any moment loses nothing that was answered": registrations stream in over many connections, and
// the daemon is killed at a random moment and restarted on the same files, ten times. After each restart
// every registration that was ever answered must be there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { threadsLine } from '../../fixture/threads.ts';
import { makeFolder, startDdnsd } from '../program.ts';

const kills = 10;
const connections = 16;

/** Unanswered requests on each connection. */
const inFlight = 4;

/** A daemon is killed after a random number of registrations up to this. */
const mostAnswered = 500;

class Storm {
  /** `ip:port` of every host whose registration was answered */
  readonly answered = new Set<string>();
  private nextPort = 1;
  private readonly clients: TcpClient[] = [];

  /** Registers new hosts until the server is gone; calls `enough` once `count` more are answered. */
  async blow(port: number, count: number, enough: () => void): Promise<void> {
    const goal = this.answered.size + count;
    if (count === 0) enough();
    const streams = Array.from({ length: connections }, async (_, index) => {
      const from = `127.0.9.${index + 1}`;
      const client = await TcpClient.open(port, { from });
      this.clients.push(client);
      const asked: string[] = [];
      let read = 0;
      const ask = () => {
        const host = this.nextPort++;
        asked.push(`${from}:${host}`);
        client.send(
          host % 3 === 0 ? `query n${host} ${host} limit=1\n` : `alive n${host} ${host}\n`,
        );
      };
      for (let i = 0; i < inFlight; i++) ask();
      client.socket.on('data', () => {
        const end = client.received.lastIndexOf('\n') + 1;
        const lines = client.received.slice(read, end).split('\n');
        read = end;
        for (const line of lines) {
          if (!/^(ok$|end )/.test(line)) continue;
          this.answered.add(asked.shift() as string);
          if (this.answered.size === goal) enough();
          ask();
        }
      });
      await client.closed;
    });
    await Promise.allSettled(streams);
  }
}

/** All listed hosts except the asker. */
async function listed(port: number): Promise<Set<string>> {
  const list = await exchange(port, 'query watcher 65535\n', { from: '127.0.8.1' });
  const end = /^end (\d+) \S+ full$/m.exec(list);
  const hosts = list
    .split('\n')
    .filter((line) => line.startsWith('hosts '))
    .flatMap((line) => line.split(' ').slice(1));
  if (Number(end?.[1]) !== hosts.length) throw new Error(`a list that ends in ${end?.[0]}`);
  return new Set(hosts);
}

test('storm › a server that is killed ten times loses no answered registration', async (t) => {
  t.timeout(100_000);
  t.log(`SEED=${seed}`);
  const random = createRandom();
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDatabase=hosts.db\nSocket=s.sock\nMaxHosts=60000\nHostsPerSource=60000\n${threadsLine}\n`,
  );
  const storm = new Storm();
  for (let kill = 0; kill <= kills; kill++) {
    const { child, line, ended } = await startDdnsd(t, ['--conf', conf]);
    await line(/name server is ready/);
    const kept = await listed(port);
    const lost = [...storm.answered].filter((host) => !kept.has(host));
    t.deepEqual(lost, [], `lost after kill ${kill}`);
    if (kill === kills) break;
    const count = Math.floor(random() * mostAnswered);
    await storm.blow(port, count, () => child.kill('SIGKILL'));
    t.is((await ended).code, null);
  }
  t.log(`${storm.answered.size} registrations answered`);
  t.true(storm.answered.size > 1_000);
});
