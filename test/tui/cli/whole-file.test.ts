import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { writeWholeFile } from '../../../tui/cli/whole-file.ts';
import { mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

function place(t: ExecutionContext): { folder: string; file: string } {
  const folder = makeFolder(t);
  return { folder, file: join(folder, 'a.db') };
}

test('whole file › it has its name once it is complete, and is for its owner alone', async (t) => {
  const { folder, file } = place(t);
  const result = await writeWholeFile(file, { replace: false }, async (whole) => {
    await whole.write(Buffer.from('one '));
    t.false(readdirSync(folder).includes('a.db'));
    await whole.write(Buffer.from('two'));
    return 7;
  });
  t.is(result, 7);
  t.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], ['one two', 0o600]);
  t.deepEqual(readdirSync(folder), ['a.db']);
});

test('whole file › a failure leaves what was there, and nothing else', async (t) => {
  const { folder, file } = place(t);
  writeFileSync(file, 'former');
  const failing = writeWholeFile(file, { replace: true }, async (whole) => {
    await whole.write(Buffer.from('half'));
    throw new Error('no more');
  });
  await t.throwsAsync(failing, { message: 'no more' });
  t.deepEqual([readFileSync(file, 'utf8'), readdirSync(folder)], ['former', ['a.db']]);
});

// A signal is for the whole process, so one after the other.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test.serial(
    `whole file › ${signal} ends it, also while nothing comes, and leaves no file`,
    async (t) => {
      const { folder, file } = place(t);
      // As the connection to the name server does, which a signal handler alone does not.
      const alive = setInterval(() => {}, 60_000);
      t.teardown(() => clearInterval(alive));
      const writing = writeWholeFile(file, { replace: false }, async (whole) => {
        await whole.write(Buffer.from('half'));
        t.is(readdirSync(folder).length, 1);
        process.kill(process.pid, signal);
        await new Promise(() => {});
      });
      await t.throwsAsync(writing, { message: 'cancelled; no file was written' });
      t.deepEqual(readdirSync(folder), []);
    },
  );

test('whole file › a file that another program creates meanwhile is not replaced', async (t) => {
  const { folder, file } = place(t);
  const writing = writeWholeFile(file, { replace: false }, async () => {
    writeFileSync(file, 'of another one');
  });
  await t.throwsAsync(writing, {
    message: `${file} was created by another program meanwhile; name another file, or replace it with --force`,
  });
  t.deepEqual([readFileSync(file, 'utf8'), readdirSync(folder)], ['of another one', ['a.db']]);
});

test('whole file › a disk that fills up is named, and nothing is left on it', async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const file = join(disk, 'a.db');
  const writing = writeWholeFile(file, { replace: false }, (whole) =>
    whole.write(Buffer.alloc(100_000)),
  );
  await t.throwsAsync(writing, {
    message: `the disk is full: ${file} was not written; make room, or name a file elsewhere`,
  });
  t.deepEqual(readdirSync(disk), []);
});

test('whole file › room that is missing is named with both numbers', async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const writing = writeWholeFile(join(disk, 'a.db'), { replace: false }, (whole) =>
    whole.needRoom(1_000_000),
  );
  await t.throwsAsync(writing, {
    message: /a\.db needs 977 KB, and \d+ KB are free on that disk; /,
  });
});

test('whole file › a folder is refused', async (t) => {
  const { file } = place(t);
  mkdirSync(file);
  const writing = writeWholeFile(file, { replace: true }, async () => {});
  await t.throwsAsync(writing, { message: /is no file; name a file/ });
});
