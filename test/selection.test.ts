// How test files are told apart, and found by a title; and that none of them can keep the others waiting for ever.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { lookUntil, within } from './fixture/look-until.ts';
import { makeFolder } from './fixture/temp-folder.ts';
import {
  filesWith,
  immediate,
  inProcesses,
  isEndToEnd,
  isImmediate,
  longest,
  rankOf,
  testFiles,
} from './selection.ts';

/** Reads files that are nowhere. */
function reader(texts: Record<string, string>) {
  return (file: string) => texts[file] ?? '';
}

test('selection › a test that starts a program or a name server is end to end, and one whose fixture does', (t) => {
  const read = reader({
    'test/daemon/own.test.ts': "import { spawn } from 'node:child_process';",
    'test/tui/far.test.ts': "import { console } from '../robot/console.ts';",
    'test/robot/console.ts': "import { openTerminal } from './terminal.ts';",
    'test/robot/terminal.ts': "import { spawn } from '@lydell/node-pty';",
    'test/daemon/none.test.ts':
      "// from 'node:child_process'\nimport { startWorker } from '../../daemon/workers/start.ts';",
    'test/daemon/server.test.ts': "import { startTestServer } from '../fixture/name-server.ts';",
    'daemon/workers/start.ts': "import { fork } from 'node:child_process';",
  });
  const are = (...files: string[]) => files.map((file) => isEndToEnd(file, read));
  t.deepEqual(are('test/daemon/own.test.ts', 'test/tui/far.test.ts'), [true, true]);
  t.true(isEndToEnd('test/daemon/server.test.ts', read));
  t.deepEqual(are('test/daemon/none.test.ts', 'test/sim/nodes/any.test.ts'), [false, true]);
});

test('selection › the robots are end to end, and of the core only what takes long', (t) => {
  const files = testFiles();
  t.true(files.length > 200);
  const of = (folder: string) => files.filter((file) => file.startsWith(folder));
  t.true(of('test/tui/robot/').every((file) => isEndToEnd(file)));
  const takesLong = (file: string) => longest.some((name) => file.startsWith(name));
  const ofCore = of('test/daemon/core/').filter((file) => isEndToEnd(file));
  t.true(ofCore.length > 0 && ofCore.every(takesLong));
});

test('selection › the files that take longest are there', (t) => {
  const files = testFiles();
  t.deepEqual(
    longest.filter((name) => !files.some((file) => file.startsWith(name))),
    [],
  );
});

test('selection › files whose tests wait for nothing share a process, if they start nothing', (t) => {
  const read = reader({
    'test/a.test.ts': "test('a › is one', (t) => t.is(1, 1));",
    'test/b.test.ts': "test('b › is two', async (t) => t.is(await two(), 2));",
    'test/c.test.ts': "import { spawnSync } from 'node:child_process';",
  });
  const are = ['test/a.test.ts', 'test/b.test.ts', 'test/c.test.ts'].map((file) =>
    isImmediate(file, read),
  );
  t.deepEqual(are, [true, false, false]);

  const files = testFiles();
  const [together, ...others] = inProcesses(files);
  t.is(together, immediate);
  t.true(others.length < files.length - 100);
  t.deepEqual(inProcesses(others), others);
  t.true(rankOf(immediate) < rankOf(`${longest[0]}ts`));
});

test('selection › a title is looked for where it is, else where its words are, else everywhere', (t) => {
  const read = reader({
    a: "test('registry › a version from further back is ignored'",
    b: "test('registry › a version is kept, further on'",
    c: "test(name + ' › back is ignored by a registry'",
  });
  const files = ['a', 'b', 'c'];
  t.deepEqual(filesWith('registry › a version*', files, read), ['a', 'b']);
  t.deepEqual(filesWith('*version*further*', files, read), ['a', 'b']);
  t.deepEqual(filesWith('registry › back is ignored', files, read), ['a', 'c']);
  t.deepEqual(filesWith('console at 24x80 › is left', files, read), files);
  t.deepEqual(filesWith('!*further*', files, read), files);
});

test('selection › no test has more time than ava waits for all of them', (t) => {
  // ava looks once, after a time without news; while a test with more time runs it looks away, and never again.
  const { ava } = JSON.parse(readFileSync('package.json', 'utf8')) as { ava: { timeout: string } };
  const [, minutes] = /^(\d+)m$/.exec(ava.timeout) ?? [];
  const mostMs = Number(minutes) * 60_000;
  const tooLong = testFiles().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/t\.timeout\(([\d_]+)/g)]
      .filter(([, ms]) => Number(ms?.replaceAll('_', '')) >= mostMs)
      .map(([text]) => `${file}: ${text})`),
  );
  t.deepEqual(tooLong, []);
});

test('waits › what does not come is reported, with what was there instead', async (t) => {
  const { message } = await t.throwsAsync(
    lookUntil(
      () => [1, 'two'],
      () => false,
      50,
    ),
  );
  t.is(message, "nothing else within 0.05 s than: [ 1, 'two' ]");
  const never = new Promise(() => {});
  const held = setTimeout(() => {}, 60_000);
  await t.throwsAsync(
    within(never, () => 'the first line', 50),
    { message: /: the first line$/ },
  );
  clearTimeout(held);
  t.is(await lookUntil(() => 'there'), 'there');
});

test('waits › a process that waits in a named pipe for ever is ended, and signals need not do it', async (t) => {
  const pipe = join(makeFolder(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const program = `process.on('SIGTERM', () => {}); fs.open('${pipe}', 'w', () => {}); process.exit()`;
  const worker = spawn(process.execPath, ['--import=./test/end-workers.js', '-e', program]);
  t.teardown(() => worker.kill('SIGKILL'));
  t.deepEqual(await once(worker, 'exit'), [null, 'SIGKILL']);
});
