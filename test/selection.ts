// Which of the test files to run, told by what is in them, so that no list has to be kept: those that start
// programs are end to end, and a title is looked for in the files that have its words.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { importsOf } from './fixture/source-text.ts';

/** What a program or a pseudo-terminal is started with. */
const starters = new Set(['node:child_process', '@lydell/node-pty']);

/** Whole fleets in virtual time, which take as long as programs do. */
const simulations = 'test/sim/';

/** The paths of all test files, from the top of the project. */
export function testFiles(): string[] {
  return globSync('test/**/*.test.{ts,tsx}').toSorted();
}

/**
 * Whether a test file starts programs, itself or by a fixture, or runs a simulation; `read` gives the text
 * of a file. What the sources that it tests could start does not count: that is for the test to ask for.
 */
export function isEndToEnd(file: string, read = textOf): boolean {
  const files = new Set([file]);
  for (const each of files)
    for (const name of importsOf(read(each))) {
      if (starters.has(name)) return true;
      const target = normalize(join(dirname(each), name));
      if (name.startsWith('.') && target.startsWith('test/')) files.add(target);
    }
  return file.startsWith(simulations);
}

/**
 * The files to look for a title in, or for a pattern with `*`: those that have it in their text; else, since a
 * title may be put together of pieces, those that have all its words; else all of `files`.
 */
export function filesWith(pattern: string, files: readonly string[], read = textOf): string[] {
  // What a title must not be says nothing of where to look.
  if (pattern.startsWith('!')) return [...files];
  const texts = files.map((file) => [file, read(file)] as const);
  for (const between of [/\*+/, /[\s*]+/]) {
    const pieces = pattern.split(between);
    const found = texts.filter(([, text]) => pieces.every((piece) => text.includes(piece)));
    if (found.length > 0) return found.map(([file]) => file);
  }
  return [...files];
}

/** Nothing for a file that is not there: a test may have an import in a string. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
