// What a command that prints loads: a script that calls it each minute pays for no screen.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

const printers = 'tui/cli/plain';
/** Imports that are still there when types are stripped. */
const imported = /^import (?!type\b)(?:[^;]*? from )?'([^']+)'/gm;

/** Every file that a file loads, and every package. */
function loadedBy(file: string, known = new Set<string>()): Set<string> {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(imported)) {
    const path = name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
    if (known.has(path)) continue;
    known.add(path);
    if (name.startsWith('.') && /\.tsx?$/.test(path)) loadedBy(path, known);
  }
  return known;
}

test('commands › what prints a view loads neither Ink nor React', (t) => {
  for (const name of readdirSync(printers)) {
    const loaded = loadedBy(join(printers, name));
    t.true(loaded.size > 0, name);
    t.deepEqual(
      [...loaded].filter((each) => each === 'ink' || each === 'react'),
      [],
      name,
    );
  }
});
