// Host names in NameServers that lead to the server itself: its own, which Debian has at 127.0.1.1 (jepsen-io/jepsen#615,
// openark/orchestrator#871), and one that all servers have in common.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { asRoot } from '../../fixture/other-user.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { startCommand } from '../program.ts';

/** A name server in a network of its own, at 10.0.0.1, with a hosts file. */
async function startWith(t: ExecutionContext, name: string, hosts: string) {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'hosts'), hosts);
  writeFileSync(
    join(folder, 'data', 'ddns.conf'),
    `Interface=10.0.0.1\nNameServers=${name}\nDatabase=hosts.db\nSocket=ddnsd.sock\nThreads=1\n`,
  );
  const machine =
    'mount --bind "$0" /etc/hosts && ip link set lo up && ip address add 10.0.0.1/32 dev lo && exec "$@"';
  return startCommand(t, [
    ...['unshare', '--mount', '--net', 'sh', '-c', machine, join(folder, 'hosts')],
    ...programCommand('ddnsd', '--data', join(folder, 'data')),
  ]);
}

asRoot(
  'own name › a name that all servers have in common is refused, and named as such',
  async (t) => {
    const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((ip) => `${ip} all.example\n`).join('');
    const { line } = await startWith(t, 'all.example', hosts);
    await line(
      /all\.example:4524 is a name of this server and of others \(10\.0\.0\.2, 10\.0\.0\.3\): give each server a name of its own/,
    );
    t.pass();
  },
);

asRoot('own name › a server whose name is at 127.0.1.1 here recognises itself by it', async (t) => {
  const { line } = await startWith(t, 'ns1.example', '127.0.1.1 ns1.example\n');
  await line(/ns1\.example:4524 is this name server itself; it is left out/);
  t.pass();
});
