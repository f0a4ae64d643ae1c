import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type KeptHost, KnownHostsFile } from '../../../shared/node/known-hosts-file.ts';
import { asRoot, otherUser, runModule } from '../../fixture/other-user.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const hosts: KeptHost[] = [
  { address: '127.0.0.9:1', source: 'name-server', namedAt: 1_767_225_600_000 },
  { address: '[::1]:2', source: 'node', namedAt: 0 },
];

function open(t: ExecutionContext, text?: string | Buffer) {
  const folder = makeFolder(t);
  const path = join(folder, 'known');
  const troubles: string[] = [];
  const file = new KnownHostsFile(path, (trouble) => troubles.push(trouble));
  return {
    ...{ folder, path, file, troubles },
    ready: text === undefined ? Promise.resolve() : writeFile(path, text),
  };
}

test('known-hosts file › a written file is read back unchanged', async (t) => {
  const { folder, path, file, troubles } = open(t);
  t.deepEqual(await file.read(), []);
  await file.write(() => hosts);
  t.is(await readFile(path, 'utf8'), '127.0.0.9:1 name-server 1767225600000\n[::1]:2 node 0\n');
  t.deepEqual(await new KnownHostsFile(path, (text) => troubles.push(text)).read(), hosts);
  t.deepEqual(troubles, []);
  t.deepEqual(await readdir(folder), ['known'], 'no draft is left');
});

test('known-hosts file › a line written by hand needs only an address', async (t) => {
  const { file, ready, troubles } = open(t, '127.0.0.9:1\r\n\n  [::1]:2');
  await ready;
  t.deepEqual(await file.read(), [
    { address: '127.0.0.9:1', source: 'node', namedAt: 0 },
    { address: '[::1]:2', source: 'node', namedAt: 0 },
  ]);
  t.deepEqual(troubles, []);
});

test('known-hosts file › the valid lines of a damaged file are read, and the file is renamed', async (t) => {
  const text = '127.0.0.9:1\n127.0.0.9:\x1b[2J\n127.0.0.9:2 name-ser';
  const { folder, path, file, ready, troubles } = open(t, text);
  await ready;
  t.deepEqual(await file.read(), [{ address: '127.0.0.9:1', source: 'node', namedAt: 0 }]);
  t.deepEqual(troubles, [
    `${path}: 2 of 3 lines are not hosts and were skipped; it was renamed to ${path}.bad`,
  ]);
  await file.write(() => hosts);
  t.deepEqual((await readdir(folder)).toSorted(), ['known', 'known.bad']);
  t.is(await readFile(`${path}.bad`, 'utf8'), text);
});

test('known-hosts file › a file that cannot be read is left alone', async (t) => {
  const { path, file, troubles } = open(t);
  await mkdir(path);
  t.deepEqual(await file.read(), []);
  await file.write(() => hosts);
  t.deepEqual(troubles, [`${path}: it is not a regular file; continuing without it`]);
  t.deepEqual(await readdir(path), []);
});

test('known-hosts file › nothing is written before the file was read', async (t) => {
  const { path, file, ready } = open(t, '127.0.0.9:1\n');
  await ready;
  await file.write(() => []);
  t.is(await readFile(path, 'utf8'), '127.0.0.9:1\n');
});

test('known-hosts file › a failed write is reported, and the next one is tried', async (t) => {
  const { folder, troubles } = open(t);
  const gone = join(folder, 'gone', 'known');
  const file = new KnownHostsFile(gone, (text) => troubles.push(text));
  await file.read();
  await file.write(() => hosts);
  t.regex(troubles.join(), /^\S+: ENOENT: .+; the list is not saved$/);
  await mkdir(join(folder, 'gone'));
  await file.write(() => hosts);
  t.is(troubles.length, 1);
  t.deepEqual(await readdir(join(folder, 'gone')), ['known']);
});

test('known-hosts file › of several waiting lists only the last one is written', async (t) => {
  const { path, file } = open(t);
  await file.read();
  const asked: number[] = [];
  const nth = (port: number) => () => {
    asked.push(port);
    return [{ address: `127.0.0.9:${port}`, source: 'node', namedAt: port }] as const;
  };
  const first = file.write(nth(1));
  await file.write(nth(2));
  const later = [file.write(nth(3)), file.write(nth(4))];
  await Promise.all([first, ...later]);
  t.deepEqual(asked, [2, 4]);
  t.is(await readFile(path, 'utf8'), '127.0.0.9:4 node 4\n');
});

/** Keeps two hosts in `file`, then one; prints what went wrong. */
const keeping = (file: string) => `
  import { KnownHostsFile } from './shared/node/known-hosts-file.ts';
  const kept = new KnownHostsFile('${file}', (text) => console.log(text));
  await kept.read();
  const host = { address: '10.0.0.1:1', source: 'node', namedAt: 7 };
  await kept.write(() => [host, { ...host, address: '10.0.0.2:1' }]);
  await kept.write(() => [host]);`;

asRoot('known-hosts file › one that is mounted by itself is kept all the same', (t) => {
  const [outside, folder] = [makeFolder(t), makeFolder(t)];
  const [source, file] = [join(outside, 'real'), join(folder, 'known')];
  for (const each of [source, file]) writeFileSync(each, '');
  const { stdout, stderr } = runModule(keeping(file), { mounts: [[source, file]] });
  t.deepEqual([stdout, stderr], ['', '']);
  t.is(readFileSync(source, 'utf8'), '10.0.0.1:1 node 7\n');
  t.deepEqual(readdirSync(folder), ['known']);
});

asRoot('known-hosts file › in a folder of another user it is kept when it may be written', (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'known');
  chmodSync(folder, 0o755);
  writeFileSync(file, '');
  chownSync(file, otherUser, otherUser);
  const { stdout, stderr } = runModule(keeping(file), { uid: otherUser });
  t.deepEqual([stdout, stderr], ['', '']);
  t.is(readFileSync(file, 'utf8'), '10.0.0.1:1 node 7\n');
});

test('known-hosts file › a link to it stays one', async (t) => {
  const folder = makeFolder(t);
  const [file, name] = [join(folder, 'real'), join(folder, 'known')];
  writeFileSync(file, '');
  symlinkSync(file, name);
  const kept = new KnownHostsFile(name, (text) => t.fail(text));
  await kept.read();
  await kept.write(() => [{ address: '10.0.0.1:1', source: 'node', namedAt: 7 }]);
  t.true(lstatSync(name).isSymbolicLink());
  t.is(readFileSync(file, 'utf8'), '10.0.0.1:1 node 7\n');
});
