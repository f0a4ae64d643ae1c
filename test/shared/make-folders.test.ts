// The folder that an operator names is made with those above it, or the reason is said, on every file system.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolders } from '../../shared/make-folders.ts';
import { programCommand } from '../fixture/programs.ts';
import { makeFolder } from '../fixture/temp-folder.ts';

/** Longer than any start takes; a folder that is asked for over and over takes for ever. */
const patienceMs = 60_000;

test('folders › are made with those above them, in the mode that is asked for', (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'a', 'b', 'c');
  makeFolders(path, 0o700);
  for (const each of [path, join(folder, 'a')]) t.is(statSync(each).mode & 0o777, 0o700);
  makeFolders(path);
  t.is(statSync(path).mode & 0o777, 0o700);
});

test('folders › are not made where a file is, or a link to nowhere', (t) => {
  const folder = makeFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  t.throws(() => makeFolders(file), { code: 'EEXIST' });
  t.throws(() => makeFolders(join(file, 'below')), { code: 'EEXIST', message: /file'$/ });
  const link = join(folder, 'link');
  symlinkSync(join(folder, 'nowhere'), link);
  t.throws(() => makeFolders(join(link, 'below')), { code: 'EEXIST' });
});

const ifProc = process.platform === 'linux' && existsSync('/proc/self') ? test : test.skip;

ifProc('folders › a file system that takes none is named, and not asked for ever', (t) => {
  t.throws(() => makeFolders('/proc/nowhere/below'), {
    code: 'EROFS',
    message:
      '/proc/nowhere cannot be created: the file system of /proc takes no new folders; choose another path',
  });
});

ifProc('folders › a data folder, a database and a socket there end ddnsd with the path', (t) => {
  const folder = makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  const said = (...parameters: string[]) => {
    const [program, ...rest] = programCommand('ddnsd', ...parameters);
    const { status, stderr, stdout } = spawnSync(program, rest, {
      encoding: 'utf8',
      timeout: patienceMs,
    });
    t.not(status, null, `ddnsd ${parameters.join(' ')} does not end`);
    return stderr + stdout;
  };
  t.regex(said('--data', '/proc/nowhere'), /\/proc\/nowhere: .* where no file can be created/);
  const lines = ['Interface=127.0.0.1', 'Port=4524', `Socket=${folder}/ddnsd.sock`];
  writeFileSync(conf, [...lines, 'Database=/proc/nowhere/hosts.db'].join('\n'));
  t.regex(said('--conf', conf), /\/proc\/nowhere\/hosts\.db cannot be written/);
  writeFileSync(conf, [...lines.slice(0, 2), 'Socket=/proc/nowhere/ddnsd.sock'].join('\n'));
  t.regex(said('--conf', conf), /\/proc\/nowhere cannot be created/);
  t.regex(
    said('--init', '--startup', '/proc/nowhere/startup.dycfg'),
    /cannot write \/proc\/nowhere\/ddns\.conf: \/proc\/nowhere cannot be created/,
  );
});

ifProc('folders › a console whose home takes none starts without its cache', (t) => {
  const [program, ...parameters] = programCommand('ddns-tui', '--version');
  const { NODE_COMPILE_CACHE: _, XDG_CACHE_HOME: __, ...env } = process.env;
  const asked = { encoding: 'utf8', timeout: patienceMs } as const;
  const home = makeFolder(t);
  mkdirSync(join(home, '.cache'));
  const version = execFileSync(program, parameters, { ...asked, env: { ...env, HOME: home } });
  t.is(execFileSync(program, parameters, { ...asked, env: { ...env, HOME: '/proc' } }), version);
  const elsewhere = { ...env, HOME: home, XDG_CACHE_HOME: '/proc' };
  t.is(execFileSync(program, parameters, { ...asked, env: elsewhere }), version);
});
