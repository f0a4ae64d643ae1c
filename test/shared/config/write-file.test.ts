import {
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { replaceFileAtomically } from '../../../shared/config/write-file.ts';
import { makeReadOnly, mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const yes = async () => true;

test('write › a file is replaced, what it held stays beside it, and nothing else', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'ddns.conf');
  writeFileSync(file, 'Port=1\n');
  writeFileSync(`${file}.bak`, 'an older one');
  const backup = await replaceFileAtomically(file, { text: 'Port=2\n', isExpected: yes });
  t.is(backup, `${file}.bak`);
  t.is(readFileSync(file, 'utf8'), 'Port=2\n');
  t.is(readFileSync(`${file}.bak`, 'utf8'), 'Port=1\n');
  t.deepEqual(readdirSync(folder).sort(), ['ddns.conf', 'ddns.conf.bak']);
});

test('write › a file that is not the expected one any more stays', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'ddns.conf');
  writeFileSync(file, 'Port=1\n');
  const isExpected = async () => false;
  t.is(await replaceFileAtomically(file, { text: 'Port=2\n', isExpected }), null);
  t.is(readFileSync(file, 'utf8'), 'Port=1\n');
  t.deepEqual(readdirSync(folder), ['ddns.conf']);
});

test('write › the mode stays, in the backup too, and a link stays a link', async (t) => {
  const folder = makeFolder(t);
  const [file, name] = [join(folder, 'real.conf'), join(folder, 'ddns.conf')];
  writeFileSync(file, 'Port=1\n');
  await chmod(file, 0o640);
  symlinkSync(file, name);
  await replaceFileAtomically(name, { text: 'Port=2\n', isExpected: yes });
  t.true(lstatSync(name).isSymbolicLink());
  t.is(readFileSync(file, 'utf8'), 'Port=2\n');
  for (const path of [file, `${file}.bak`]) t.is(statSync(path).mode & 0o777, 0o640, path);
});

(process.getuid?.() === 0 ? test : test.skip)(
  'write › root leaves the owner as it is',
  async (t) => {
    const file = join(makeFolder(t), 'ddns.conf');
    writeFileSync(file, 'Port=1\n');
    await chown(file, 12_345, 23_456);
    await replaceFileAtomically(file, { text: 'Port=2\n', isExpected: yes });
    const { uid, gid } = statSync(file);
    t.deepEqual([uid, gid], [12_345, 23_456]);
  },
);

test('write › where nothing can be written the file stays, and nothing is left over', async (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const file = join(disk, 'ddns.conf');
  writeFileSync(file, 'Port=1\n');
  const replacement = { text: `# ${'x'.repeat(60_000)}\n`, isExpected: yes };
  writeFileSync(join(disk, 'filler'), Buffer.alloc(32_768));
  await t.throwsAsync(replaceFileAtomically(file, replacement), { code: 'ENOSPC' });
  t.deepEqual(readdirSync(disk).sort(), ['ddns.conf', 'filler']);
  makeReadOnly(disk);
  await t.throwsAsync(replaceFileAtomically(file, replacement), { code: 'EROFS' });
  t.is(readFileSync(file, 'utf8'), 'Port=1\n');
});
