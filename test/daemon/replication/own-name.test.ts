// The name of the machine itself in NameServers, which Debian has at 127.0.1.1 (jepsen-io/jepsen#615,
// openark/orchestrator#871: servers that could not find themselves under their own name).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRoot } from '../../fixture/other-user.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { startCommand } from '../program.ts';

asRoot('own name › a server whose name is at 127.0.1.1 here recognises itself by it', async (t) => {
  const folder = makeFolder(t);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'hosts'), '127.0.1.1 ns1.example\n');
  writeFileSync(
    join(folder, 'data', 'ddns.conf'),
    'Interface=10.0.0.1\nNameServers=ns1.example\nDatabase=hosts.db\nSocket=ddnsd.sock\nThreads=1\n',
  );
  const machine =
    'mount --bind "$0" /etc/hosts && ip link set lo up && ip address add 10.0.0.1/32 dev lo && exec "$@"';
  const { line } = startCommand(t, [
    ...['unshare', '--mount', '--net', 'sh', '-c', machine, join(folder, 'hosts')],
    ...programCommand('ddnsd', '--data', join(folder, 'data')),
  ]);
  await line(/ns1\.example:4524 is this name server itself; it is left out/);
  t.pass();
});
