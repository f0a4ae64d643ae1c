// What was compiled at one start is there for the next, in a folder of the user who runs the program.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { lookUntil } from '../../fixture/look-until.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { createRobotDaemon } from '../../robot/daemon.ts';
import { openTerminal } from '../../robot/terminal.ts';

/** What tells Node where its cache is, or, when coverage is measured, that it has none. */
const told = ['NODE_OPTIONS', 'XDG_CACHE_HOME', 'NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE'];

/** @returns what it prints */
function printVersion(env: NodeJS.ProcessEnv): string {
  const rest = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !told.includes(name)),
  );
  const [program, ...parameters] = programCommand('ddns-tui', '--version');
  return execFileSync(program, parameters, { encoding: 'utf8', env: { ...rest, ...env } });
}

/** The file with the compiled code of the console, in a folder of caches; Node's own are in a folder beside it. */
function keptFile(caches: string): string | undefined {
  const folder = join(caches, 'ddns-tui');
  if (!existsSync(folder)) return undefined;
  // While it is written it has the number of the process behind it.
  const name = readdirSync(folder).find((each) => each.endsWith(`-${process.arch}`));
  return name && join(folder, name);
}

/** Its end: the code that was compiled, `s` once the screen was there or `c` for a command, and a sum. */
const end = /([0-9a-f]{16})([cs])([0-9a-f]{8})$/;

function endOf(file: string): string[] {
  const found = end.exec(readFileSync(file).subarray(-25).toString('latin1'));
  if (found === null) throw new Error(`${file} has no such end`);
  return found.slice(1);
}

test('compiled code › is kept in the cache folder of the user', (t) => {
  const home = makeFolder(t);
  printVersion({ HOME: home });
  t.true(readdirSync(join(home, '.cache', 'ddns-tui')).length > 0);
  const elsewhere = makeFolder(t);
  printVersion({ HOME: home, XDG_CACHE_HOME: elsewhere });
  t.deepEqual(readdirSync(elsewhere), ['ddns-tui']);
});

test('compiled code › is not taken from the home of another user, as sudo may leave it', (t) => {
  const home = process.getuid?.() === 0 ? makeFolder(t) : '/';
  if (home !== '/') chownSync(home, 65_534, 65_534);
  t.not(statSync(home).uid, process.getuid?.());
  printVersion({ HOME: home });
  t.false(existsSync(join(home, '.cache', 'ddns-tui')));
  printVersion({ HOME: makeFolder(t), XDG_CACHE_HOME: home });
  t.false(existsSync(join(home, 'ddns-tui')));
});

test('compiled code › that a bad disk has changed is compiled again', (t) => {
  const caches = makeFolder(t);
  const version = printVersion({ XDG_CACHE_HOME: caches });
  const file = keptFile(caches) as string;
  const whole = readFileSync(file);
  const changed = Buffer.from(whole);
  changed.fill(0xff, whole.length >> 1, (whole.length >> 1) + 4_096);
  writeFileSync(file, changed);
  t.is(printVersion({ XDG_CACHE_HOME: caches }), version);
  t.false(readFileSync(file).equals(changed));
  const [own] = endOf(file);
  writeFileSync(file, whole.subarray(0, 10));
  t.is(printVersion({ XDG_CACHE_HOME: caches }), version);
  t.is(endOf(file)[0], own);
});

test('compiled code › of another version of the program is replaced', (t) => {
  const caches = makeFolder(t);
  const version = printVersion({ XDG_CACHE_HOME: caches });
  const file = keptFile(caches) as string;
  const [own] = endOf(file);
  const other = Buffer.from(readFileSync(file));
  other.write('0123456789abcdef', other.length - 25);
  other.write(crc32(other.subarray(0, -8)).toString(16).padStart(8, '0'), other.length - 8);
  writeFileSync(file, other);
  t.is(printVersion({ XDG_CACHE_HOME: caches }), version);
  t.is(endOf(file)[0], own);
});

test('compiled code › of the screen is kept while that is shown, for the start after a crash', async (t) => {
  const caches = makeFolder(t);
  // A command keeps less.
  printVersion({ XDG_CACHE_HOME: caches });
  t.is(endOf(keptFile(caches) as string)[1], 'c');
  const daemon = await createRobotDaemon();
  const robot = await openTerminal({
    columns: 80,
    rows: 24,
    env: { XDG_CACHE_HOME: caches, NODE_DISABLE_COMPILE_CACHE: '' },
  });
  try {
    await daemon.start();
    const pid = await robot.run(programCommand('ddns-tui', '--socket', daemon.socket));
    await robot.sees('Dynamo DNS');
    await lookUntil(() => endOf(keptFile(caches) as string)[1] === 's');
    process.kill(pid, 'SIGKILL');
    await robot.isAtShell();
    t.deepEqual(
      readdirSync(join(caches, 'ddns-tui')).filter((name) => name.endsWith(`.${pid}`)),
      [],
    );
  } finally {
    robot.close();
    await daemon.close();
  }
});
