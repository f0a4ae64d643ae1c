// What was compiled at one start is there for the next, in a folder of the user who runs the program.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

/** What tells Node where its cache is, or, when coverage is measured, that it has none. */
const told = ['NODE_OPTIONS', 'XDG_CACHE_HOME', 'NODE_COMPILE_CACHE', 'NODE_DISABLE_COMPILE_CACHE'];

function printVersion(env: NodeJS.ProcessEnv): void {
  const rest = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !told.includes(name)),
  );
  const [program, ...parameters] = programCommand('ddns-tui', '--version');
  execFileSync(program, parameters, { env: { ...rest, ...env } });
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
