// An installation in which SQLite's driver is missing, has no binary for the platform, or does not load: as
// a package of which files went missing.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { makeFolder } from '../../fixture/temp-folder.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The programs with node_modules of their own, in which the driver is what `spoil` leaves of it. */
function startWith(t: ExecutionContext, spoil: (driver: string) => void) {
  const folder = makeFolder(t);
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  const driver = join(folder, 'node_modules', 'better-sqlite3');
  mkdirSync(driver, { recursive: true });
  for (const part of ['package.json', 'lib', 'prebuilds'])
    cpSync(join(root, 'node_modules', 'better-sqlite3', part), join(driver, part), {
      recursive: true,
    });
  spoil(driver);
  const program = join(folder, 'dist', 'ddnsd.js');
  return spawnSync(process.execPath, [program, '--data', join(folder, 'data')], {
    encoding: 'utf8',
    // One that starts after all would not end.
    timeout: 30_000,
  });
}

const spoilt: [how: string, spoil: (driver: string) => void, reason: RegExp][] = [
  ['is missing', (driver) => rmSync(driver, { recursive: true }), /Cannot find module/],
  [
    'has no binary for this platform',
    (driver) => rmSync(join(driver, 'prebuilds'), { recursive: true }),
    /Cannot find module/,
  ],
  [
    'has a binary that does not load',
    (driver) =>
      writeFileSync(
        join(driver, 'prebuilds', `${process.platform}-${process.arch}.node`),
        'not an addon',
      ),
    /invalid ELF header|not a mach-o file|file too short|too short/,
  ],
];

for (const [how, spoil, reason] of spoilt)
  test(`driver › one that ${how} is named, and not the disk`, (t) => {
    const { status, stderr } = startWith(t, spoil);
    t.is(status, 1);
    t.regex(stderr, reason);
    t.regex(
      stderr,
      /^ddnsd: SQLite's driver, better-sqlite3, is missing or does not load in Node \S+ on \S+ \(.*\)\. Install dynamo-dns again on this machine; the registry's file was not touched\n$/,
    );
  });
