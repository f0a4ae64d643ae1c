// ava's settings are those in package.json. For the whole suite also the order: what takes longest begins
// first, so that no core waits at the end for a file that began last; and what waits for nothing shares a process.
import { readFileSync } from 'node:fs';
import { inProcesses, rankOf, testFiles } from './selection.ts';

const { ava } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

// biome-ignore lint/style/noDefaultExport: ava reads the default export.
export default {
  ...ava,
  files: inProcesses(testFiles()),
  sortTestFiles: (a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1),
};
