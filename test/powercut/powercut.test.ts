import { spawnSync } from 'node:child_process';
import test from 'ava';
import { Disk, type Image } from './disk.ts';
import {
  cutEverywhere,
  olderDatabase,
  presentDatabase,
  recordRun,
  servingWithHeldLog,
} from './powercut.ts';
import { parseTrace } from './trace.ts';

test('power cut › after every write every answered registration is there', async (t) => {
  if (spawnSync('strace', ['-qq', 'true']).status !== 0) {
    t.log('not tried: strace is missing, or may not trace here');
    t.pass();
    return;
  }
  const steps = await recordRun(9);
  const found = cutEverywhere(steps);
  t.log(`${found.cuts} cuts, ${found.images} images`);
  t.deepEqual([found.answered, found.losses], [9, []]);
  t.true(found.images > 50);
  // A disk that syncs nothing: the losses are found.
  const first = steps.findIndex(({ kind }) => kind === 'answered');
  t.true(cutEverywhere(steps.slice(0, first + 1), false).losses.length > 0);
});

test('power cut › while the database of an older version is brought up to date, no host of it is lost', async (t) => {
  if (spawnSync('strace', ['-qq', 'true']).status !== 0) {
    t.log('not tried: strace is missing, or may not trace here');
    t.pass();
    return;
  }
  const before = olderDatabase(200);
  const steps = await recordRun(1, before);
  const found = cutEverywhere(steps, true, before);
  t.log(`${found.cuts} cuts, ${found.images} images`);
  t.deepEqual([found.answered, found.losses], [201, []]);
  t.true(found.images > 30);
});

test('power cut › while a new file is written because a reader holds the log, and when it takes the name, no host is lost', async (t) => {
  if (spawnSync('strace', ['-qq', 'true']).status !== 0) {
    t.log('not tried: strace is missing, or may not trace here');
    t.pass();
    return;
  }
  const before = presentDatabase(1_600);
  const steps = await recordRun(9, before, servingWithHeldLog);
  const renamed = steps.findIndex((step) => step.kind === 'rename' && step.to === 'hosts.db');
  t.true(renamed !== -1 && steps.slice(renamed).some(({ kind }) => kind === 'answered'));
  const found = cutEverywhere(steps, true, before);
  t.log(`${found.cuts} cuts, ${found.images} images`);
  t.deepEqual([found.answered, found.losses], [1_609, []]);
  t.true(found.images > 50);
});

function texts(image: Image): Record<string, string> {
  return Object.fromEntries([...image].map(([name, bytes]) => [name, String(bytes)]));
}

test('power cut › a disk keeps what was synced, and any part of the rest', (t) => {
  const disk = new Disk();
  const write = (at: number, text: string) =>
    disk.apply({ kind: 'write', name: 'a', at, bytes: Buffer.from(text) });
  const images = (...randoms: number[]) =>
    [
      disk.image('none', () => 0),
      disk.image('all', () => 0),
      disk.image('some', () => randoms.shift() ?? 1),
    ].map(texts);
  disk.apply({ kind: 'create', name: 'a' });
  write(0, 'one');
  t.deepEqual(images(1), [{}, { a: 'one' }, { a: '' }]);
  disk.apply({ kind: 'sync', name: 'a' });
  write(3, ' two');
  write(0, 'ONE');
  t.deepEqual(images(1, 0), [{ a: 'one' }, { a: 'ONE two' }, { a: 'ONE' }]);
  disk.apply({ kind: 'truncate', name: 'a', size: 2 });
  t.deepEqual(images(0, 1, 1), [{ a: 'one' }, { a: 'ON' }, { a: 'one two' }]);
  disk.apply({ kind: 'unlink', name: 'a' });
  t.deepEqual(images(), [{ a: 'one' }, {}, {}], 'the folder is not synced');
  disk.apply({ kind: 'sync-folder' });
  t.deepEqual(images(), [{}, {}, {}]);
});

test('power cut › a write may end in the middle, at a sector', (t) => {
  const disk = new Disk();
  disk.apply({ kind: 'create', name: 'a' });
  disk.apply({ kind: 'write', name: 'a', at: 0, bytes: Buffer.alloc(4_096, 'x') });
  t.is(disk.image('torn', () => 0).get('a')?.length, 2_048);
});

test('power cut › calls of several threads are put together, in the order of their ends', (t) => {
  const hex = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '\\x$&');
  const file = hex('/d/hosts.db');
  const trace = [
    `1 openat(AT_FDCWD</>, "${file}", O_RDWR|O_CREAT, 0644) = 5<${file}>`,
    `1 pwrite64(5<${file}>, "${hex('ab')}", 2, 40 <unfinished ...>`,
    `2 write(9<TCP:[127.0.0.1:1->127.0.0.2:7]>, "${hex('ok\n')}", 3) = 3`,
    '1 <... pwrite64 resumed>) = 2',
    `1 fsync(6<${hex('/d')}>) = 0`,
    `1 openat(AT_FDCWD</>, "${file}", O_RDWR|O_CREAT, 0644) = -1 ENOENT (No such file or directory)`,
    `1 pwrite64(5<${hex('/d/other')}>, "${hex('ab')}", 2, 0) = 2`,
  ];
  t.deepEqual(parseTrace(trace.join('\n'), '/d', 'hosts.db'), [
    { kind: 'create', name: 'hosts.db' },
    { kind: 'answered', address: '127.0.0.2:7' },
    { kind: 'write', name: 'hosts.db', at: 40, bytes: Buffer.from('ab') },
    { kind: 'sync-folder' },
  ]);
});
