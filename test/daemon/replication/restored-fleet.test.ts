// A fleet in which one name server is restored from a backup.
import { join } from 'node:path';
import test from 'ava';
import { exchange } from '../../fixture/tcp-client.ts';
import { start } from '../../robot/printing.ts';
import { Daemons } from '../daemons.ts';
import { makeFolder, runDdnsd } from '../program.ts';

test('restored fleet › entries given out after the backup mean other hosts afterwards, and no host is missed', async (t) => {
  const daemons = await Daemons.prepare(t, ['127.0.8.63', '127.0.8.64']);
  const [folder = ''] = daemons.folders;
  const say = async (from: number, to: number) => {
    for (let port = from; port <= to; port++)
      await exchange(daemons.port, `alive n ${port}\n`, { host: '127.0.8.63', from: '127.0.9.1' });
  };
  const epoch = async () => {
    const options = { host: '127.0.8.63', from: '127.0.8.1' };
    const list = await exchange(daemons.port, 'query watcher 65535\n', options);
    return /^end \d+ ([0-9a-f]{8})\./m.exec(list)?.[1];
  };
  await Promise.all([daemons.start(0), daemons.start(1)]);
  await say(1, 20);
  const file = join(await makeFolder(t), 'backup.db');
  const made = await start('backup', file, '--socket', join(folder, 's.sock')).ended;
  t.is(made.code, 0, made.err);
  await say(21, 30);
  t.is((await daemons.hostsUntil(1, 30)).size, 30);
  const former = await epoch();
  for (const index of [0, 1]) await daemons.kill(index, 'SIGTERM');

  const restored = await runDdnsd(t, ['--conf', join(folder, 'ddns.conf'), '--restore', file]);
  t.is(restored.code, 0, restored.stderr);
  await daemons.start(0);
  // More than were lost: by its entries alone, this server is ahead of what the peer has of it.
  await say(31, 45);
  t.not(await epoch(), former);
  await daemons.start(1);
  for (const index of [0, 1]) t.is((await daemons.hostsUntil(index, 45)).size, 45);
});
