// Whatever way the bench ends, nothing of it stays behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'ava';

/** Starts a server and makes a folder as the bench does, and says where that is. */
const bench = `
  import { spawn } from 'node:child_process';
  import { keep, keptFolder } from ${JSON.stringify(new URL('kept.ts', import.meta.url).href)};
  const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  keep(server);
  console.log(keptFolder());
  setInterval(() => {}, 1000);
`;

test('kept › a bench that is killed leaves no server and no folder', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', bench], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [folder] = await once(createInterface({ input: child.stdout }), 'line');
  t.true(existsSync(folder));
  // The server and the keeper have this, too: it ends when both have ended.
  const allEnded = once(child.stderr.resume(), 'end');
  child.kill('SIGKILL');
  await allEnded;
  t.false(existsSync(folder));
});
