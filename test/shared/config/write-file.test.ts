import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmod, chown, open } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createFileAtomically, replaceFileAtomically } from '../../../shared/config/write-file.ts';
import { asRoot, runModule } from '../../fixture/other-user.ts';
import { makeReadOnly, mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

const yes = async () => true;

test('write › a file is replaced, and its former content stays in one file beside it', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'ddns.conf');
  writeFileSync(file, 'Port=1\n');
  writeFileSync(`${file}.bak`, 'an older one');
  const replaced = await replaceFileAtomically(file, { text: 'Port=2\n', isExpected: yes });
  t.deepEqual(replaced, { backup: `${file}.bak`, isInPlace: false });
  t.is(readFileSync(file, 'utf8'), 'Port=2\n');
  t.is(readFileSync(`${file}.bak`, 'utf8'), 'Port=1\n');
  t.deepEqual(readdirSync(folder).sort(), ['ddns.conf', 'ddns.conf.bak']);
});

test.serial(
  'write › works with file handles that cannot `sync`, as those of Yarn’s Plug’n’Play',
  async (t) => {
    const folder = makeFolder(t);
    const file = join(folder, 'ddns.conf');
    const handle = await open(folder);
    const kind = Object.getPrototypeOf(handle);
    const { sync } = kind;
    t.teardown(() => Object.assign(kind, { sync }));
    await handle.close();
    kind.sync = () => Promise.reject(new Error('Method not implemented.'));
    await createFileAtomically(file, 'Port=1\n');
    await replaceFileAtomically(file, { text: 'Port=2\n', isExpected: yes });
    t.is(readFileSync(file, 'utf8'), 'Port=2\n');
  },
);

test('write › a file that changed since it was read is not replaced', async (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'ddns.conf');
  writeFileSync(file, 'Port=1\n');
  const isExpected = async () => false;
  t.is(await replaceFileAtomically(file, { text: 'Port=2\n', isExpected }), null);
  t.is(readFileSync(file, 'utf8'), 'Port=1\n');
  t.deepEqual(readdirSync(folder), ['ddns.conf']);
});

test("write › the mode stays, the backup is its owner's alone, and a link stays a link", async (t) => {
  const folder = makeFolder(t);
  const [file, name] = [join(folder, 'real.conf'), join(folder, 'ddns.conf')];
  writeFileSync(file, 'Port=1\n');
  await chmod(file, 0o640);
  symlinkSync(file, name);
  await replaceFileAtomically(name, { text: 'Port=2\n', isExpected: yes });
  t.true(lstatSync(name).isSymbolicLink());
  t.is(readFileSync(file, 'utf8'), 'Port=2\n');
  t.deepEqual([file, `${file}.bak`].map(modeOf), ['640', '600']);
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

test('write › if nothing can be written, the old file stays and no other file is left', async (t) => {
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

/** Skipped by name where the tools of Debian's package `acl` are not there. */
const withAcl = spawnSync('setfacl', ['--version']).status === 0 ? test : test.skip;

withAcl(
  'write › an access list stays, and the group may read nothing that it could not',
  async (t) => {
    const file = join(makeFolder(t), 'ddns.conf');
    writeFileSync(file, 'Secret=of this network\n');
    await chmod(file, 0o600);
    execFileSync('setfacl', ['-m', 'u:12345:r', file]);
    t.is(modeOf(file), '640', 'the bits of the group are the mask of the list');
    const listOf = (path: string) => execFileSync('getfacl', ['-cpn', path], { encoding: 'utf8' });
    const before = listOf(file);
    t.regex(before, /^group::---$/m);
    await replaceFileAtomically(file, { text: 'Secret=another one\n', isExpected: yes });
    t.is(listOf(file), before);
    t.is(readFileSync(file, 'utf8'), 'Secret=another one\n');
    t.is(listOf(`${file}.bak`), 'user::rw-\ngroup::---\nother::---\n\n');
  },
);

/** Replaces a file that is a mount of its own; prints what was returned, and what the files hold then. */
const replacing = (file: string, text: string) => `
  import { readFileSync } from 'node:fs';
  import { createFileAtomically, replaceFileAtomically } from './shared/config/write-file.ts';
  const replacement = { text: ${JSON.stringify(text)}, isExpected: async () => true };
  const replaced = await replaceFileAtomically('${file}', replacement).catch(({ code }) => code);
  const read = (name) => readFileSync(name, 'utf8').slice(0, 20);
  console.log(JSON.stringify([replaced, read('${file}'), read('${file}.bak')]));`;

asRoot('write › a file that is mounted by itself is written in place, behind its backup', (t) => {
  const [outside, folder] = [makeFolder(t), makeFolder(t)];
  const [source, file] = [join(outside, 'real.conf'), join(folder, 'ddns.conf')];
  writeFileSync(source, '# a long comment\nPort=1\n');
  writeFileSync(file, '');
  writeFileSync(`${file}.bak`, 'an older one');
  const run = runModule(replacing(file, 'Port=2\n'), { mounts: [[source, file]] });
  t.is(run.stderr, '');
  t.deepEqual(JSON.parse(run.stdout), [
    { backup: `${file}.bak`, isInPlace: true },
    'Port=2\n',
    '# a long comment\nPor',
  ]);
  t.is(readFileSync(source, 'utf8'), 'Port=2\n');
  t.deepEqual(readdirSync(folder).sort(), ['ddns.conf', 'ddns.conf.bak']);
});

asRoot('write › in place without room for it nothing is lost', (t) => {
  const disk = mountSmallDisk(t, 64);
  if (disk === null) return;
  const folder = makeFolder(t);
  const [source, file] = [join(disk, 'real.conf'), join(folder, 'ddns.conf')];
  writeFileSync(source, 'Port=1\n');
  writeFileSync(file, '');
  writeFileSync(join(disk, 'filler'), Buffer.alloc(48_000));
  const text = `# ${'x'.repeat(60_000)}\n`;
  const { stdout } = runModule(replacing(file, text), { mounts: [[source, file]] });
  t.deepEqual(JSON.parse(stdout), ['ENOSPC', 'Port=1\n', 'Port=1\n']);
});
