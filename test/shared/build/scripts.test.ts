// The scripts of package.json, as npm runs them: by the shell, with the project's own programs first in the path.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { isAlive } from '../../daemon/program.ts';
import { freePort } from '../../fixture/free-port.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { threadsLine } from '../../fixture/threads.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('scripts › ending what `npm start` runs ends the console and the name server, too', async (t) => {
  const folder = makeFolder(t);
  const settings = `Interface=127.0.0.1\nPort=${await freePort()}\nDatabase=hosts.db\nSocket=ddnsd.sock\n`;
  writeFileSync(join(folder, 'ddns.conf'), `${settings}${threadsLine}\n`);
  const command = scripts.start.replace('.dynamo', folder);
  t.true(command.includes(folder));
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
  const shell = spawn('sh', ['-c', command], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => shell.kill('SIGKILL'));
  let said = '';
  shell.stderr.on('data', (chunk) => {
    said += chunk;
  });
  let printed = '';
  const daemon = await new Promise<number>((resolve, reject) => {
    shell.stdout.on('data', (chunk) => {
      printed += chunk;
      const [, pid] = /listening on .*\(pid (\d+)\)/.exec(printed) ?? [];
      if (pid !== undefined) resolve(Number(pid));
    });
    shell.once('close', () => reject(new Error(`ended: ${printed}${said}`)));
  });
  t.true(isAlive(daemon));
  // What npm does with a signal that it gets: it passes it on to the shell.
  shell.kill('SIGTERM');
  await once(shell, 'close');
  t.false(isAlive(daemon));
});
