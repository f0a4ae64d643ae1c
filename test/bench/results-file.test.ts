import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeSection } from './results-file.ts';
import { markdownOf } from './table.ts';

test('results › a part that is measured again replaces its section and leaves the others', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'RESULTS.md');
  const order = ['first', 'second', 'third'];
  const body = (cell: string) =>
    markdownOf({ title: 'costs', heads: ['a', 'b'], rows: [[cell, 1]] });
  for (const [name, cell] of [
    ['third', 'c'],
    ['first', 'old'],
    ['second', 'b'],
    ['first', 'new'],
  ] as const)
    writeSection(file, { name, body: body(cell) }, order);
  const written = readFileSync(file, 'utf8');
  const table = (cell: string) => `### costs\n\n| a | b |\n| --- | --- |\n| ${cell} | 1 |\n`;
  t.is(
    written.slice(written.indexOf('## ')),
    `## first\n\n${table('new')}\n## second\n\n${table('b')}\n## third\n\n${table('c')}`,
  );
});
