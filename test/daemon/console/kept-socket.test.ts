import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { KeptSocket } from '../../../daemon/console/kept-socket.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

test('kept socket › one that is made anew, and its folder, have the rights that they had', async (t) => {
  const path = join(makeFolder(t), 'run', 'ddnsd.sock');
  mkdirSync(dirname(path));
  const socket = new KeptSocket(path, (each) => each.destroy());
  await socket.listen();
  t.teardown(() => socket.close());
  // As an operator did, for the consoles of a group.
  chmodSync(dirname(path), 0o2750);
  chmodSync(path, 0o600);
  t.is(await socket.look(), null);
  for (const taken of [path, dirname(path)]) {
    rmSync(taken, { recursive: true });
    t.regex(
      (await socket.look()) ?? '',
      /was removed while ddnsd was running; it has been created again/,
    );
    t.deepEqual([modeOf(path), modeOf(dirname(path))], ['600', '2750']);
  }
});
