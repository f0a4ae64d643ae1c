// How test files are told apart, and found by a title.
import test from 'ava';
import { filesWith, isEndToEnd, testFiles } from './selection.ts';

/** Reads files that are nowhere. */
function reader(texts: Record<string, string>) {
  return (file: string) => texts[file] ?? '';
}

test('selection › a test that starts a program is end to end, and one whose fixture does', (t) => {
  const read = reader({
    'test/daemon/own.test.ts': "import { spawn } from 'node:child_process';",
    'test/tui/far.test.ts': "import { console } from '../robot/console.ts';",
    'test/robot/console.ts': "import { openTerminal } from './terminal.ts';",
    'test/robot/terminal.ts': "import { spawn } from '@lydell/node-pty';",
    'test/daemon/none.test.ts':
      "// from 'node:child_process'\nimport { startWorker } from '../../daemon/workers/start.ts';",
    'daemon/workers/start.ts': "import { fork } from 'node:child_process';",
  });
  const are = (...files: string[]) => files.map((file) => isEndToEnd(file, read));
  t.deepEqual(are('test/daemon/own.test.ts', 'test/tui/far.test.ts'), [true, true]);
  t.deepEqual(are('test/daemon/none.test.ts', 'test/sim/nodes/any.test.ts'), [false, true]);
});

test('selection › the robots are end to end, the core is not, and every file is one or the other', (t) => {
  const files = testFiles();
  t.true(files.length > 200);
  const of = (folder: string) => files.filter((file) => file.startsWith(folder));
  t.true(of('test/tui/robot/').every((file) => isEndToEnd(file)));
  t.false(of('test/daemon/core/').some((file) => isEndToEnd(file)));
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
