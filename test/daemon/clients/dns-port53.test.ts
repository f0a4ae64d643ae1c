// Port 53 as RESOLVERS.md has it: a user with one capability listens there, and getaddrinfo of the machine finds nodes.
// In a network of its own, which takes root; skipped by name elsewhere.
import { execFile, spawnSync } from 'node:child_process';
import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import anyTest from 'ava';
import { asRoot, otherUser } from '../../fixture/other-user.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { startCommand } from '../program.ts';

const run = promisify(execFile);
const resolversFile = new URL('../../../daemon/clients/RESOLVERS.md', import.meta.url);
const programs = ['unshare', 'nsenter', 'setpriv', 'ip', 'getent', 'bash'];
const missing = programs.filter(
  (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0,
);
const test = missing.length === 0 ? asRoot : anyTest.skip;

test('dns at port 53 › a user with CAP_NET_BIND_SERVICE alone answers, and getaddrinfo finds nodes', async (t) => {
  const folder = makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    'Interface=127.0.0.1\nDnsPort=53\nDatabase=h.db\nSocket=s.sock\nThreads=1\n',
  );
  const resolvConf = join(folder, 'resolv.conf');
  await writeFile(resolvConf, 'nameserver 127.0.0.1\n');
  await chown(folder, otherUser, otherUser);
  const [, line = ''] =
    /^(setpriv [\s\S]+?) ddnsd --conf ddns\.conf$/m.exec(await readFile(resolversFile, 'utf8')) ??
    [];
  const setpriv = line.replaceAll(/--re([ug]id) \w+/g, `--re$1 ${otherUser}`);
  const inside = `ip link set lo up && mount --bind '${resolvConf}' /etc/resolv.conf && exec ${setpriv} "$0" "$@"`;
  const command = ['unshare', '-n', '-m', 'sh', '-c', inside];
  const daemon = startCommand(t, [...command, ...programCommand('ddnsd', '--conf', conf)]);
  await daemon.line(/name server is ready/);
  const status = await readFile(`/proc/${daemon.child.pid}/status`, 'utf8');
  t.regex(status, new RegExp(`^Uid:\t${otherUser}\t`, 'm'));
  t.regex(status, /^CapEff:\t0{13}400$/m);
  const enter = async (...args: string[]) =>
    (await run('nsenter', ['-t', String(daemon.child.pid), '-n', '-m', ...args])).stdout;
  const alive =
    'exec 3<>/dev/tcp/127.0.0.1/4524; echo alive nine 4000 >&3; read -r line <&3; echo $line';
  t.is(await enter('bash', '-c', alive), 'ok\n');
  t.regex(await enter('getent', 'ahosts', 'dynamo'), /^127\.0\.0\.1 +STREAM/);
  t.regex(await enter('getent', 'ahosts', 'nine.dynamo'), /^127\.0\.0\.1 +STREAM/);
});
