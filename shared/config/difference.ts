// What differs between two texts, line by line: the fewest lines removed and added, each stretch with
// a few unchanged lines around it. Lines are compared as they are and shown as they may be shown.
import type { DifferenceLine } from '../ipc/config-contract.ts';

export interface ComparedLine {
  text: string;
  shown: string;
}

/** Unchanged lines before and after a change: enough to see where it is. */
const contextLines = 2;

/** Most pairs of lines looked at, 4 MB of memory; beyond it the differing middle counts as replaced. */
const maxPairs = 1_000_000;

export function compareLines(
  before: readonly ComparedLine[],
  after: readonly ComparedLine[],
): DifferenceLine[] {
  let first = 0;
  const shortest = Math.min(before.length, after.length);
  while (first < shortest && before[first]?.text === after[first]?.text) first++;
  let last = 0;
  const alike = (end: number) => before.at(-1 - end)?.text === after.at(-1 - end)?.text;
  while (last < shortest - first && alike(last)) last++;
  const middle = replacedLines(
    before.slice(first, before.length - last),
    after.slice(first, after.length - last),
    first,
  );
  const same = (lines: readonly ComparedLine[], from: number): DifferenceLine[] =>
    lines.map(({ shown }, index) => ({ kind: 'same', line: from + index + 1, text: shown }));
  return withContext([
    ...same(after.slice(0, first), 0),
    ...middle,
    ...same(after.slice(after.length - last), after.length - last),
  ]);
}

function replacedLines(
  before: readonly ComparedLine[],
  after: readonly ComparedLine[],
  offset: number,
): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  const keeps = longestCommon(before, after);
  let [from, to] = [0, 0];
  for (const [keptFrom, keptTo] of [...keeps, [before.length, after.length] as const]) {
    for (; from < keptFrom; from++)
      lines.push({ kind: 'removed', line: offset + from + 1, text: before[from]?.shown ?? '' });
    for (; to < keptTo; to++)
      lines.push({ kind: 'added', line: offset + to + 1, text: after[to]?.shown ?? '' });
    if (to < after.length)
      lines.push({ kind: 'same', line: offset + to + 1, text: after[to]?.shown ?? '' });
    from++;
    to++;
  }
  return lines;
}

/** Pairs of indexes of the lines that both have, in order: the longest common subsequence. */
function longestCommon(
  before: readonly ComparedLine[],
  after: readonly ComparedLine[],
): (readonly [number, number])[] {
  const columns = after.length + 1;
  if (before.length * after.length > maxPairs) return [];
  const lengths = new Uint32Array((before.length + 1) * columns);
  const at = (row: number, column: number) => lengths[row * columns + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      lengths[row * columns + column] =
        before[row]?.text === after[column]?.text
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const pairs: (readonly [number, number])[] = [];
  for (let [row, column] = [0, 0]; row < before.length && column < after.length; )
    if (before[row]?.text === after[column]?.text) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  return pairs;
}

function withContext(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') near.fill(1, Math.max(0, index - contextLines), index + contextLines + 1);
  return lines.filter((_, index) => near[index] === 1);
}
