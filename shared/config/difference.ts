// What differs between two texts, line by line: the fewest lines removed and added, each stretch with
// a few unchanged lines around it. Lines are compared as they are and shown as they may be shown.
/** A line of a difference. */
export interface DifferenceLine {
  kind: 'same' | 'removed' | 'added';
  /** its number: of a removed line before the change, of any other after it */
  line: number;
  text: string;
}

export interface ComparedLine {
  text: string;
  shown: string;
}

/** Unchanged lines before and after a change: enough to see where it is. */
const contextLines = 2;

/** Most pairs of lines looked at, 4 MB of memory; beyond it all of them count as replaced. */
const maxPairs = 1_000_000;

/** What became of one stretch of lines: `before` from `from` to `to` are now `lines` of after. */
export interface Replaced {
  from: number;
  to: number;
  /** of `after` */
  afterFrom: number;
  afterTo: number;
}

export function compareLines(
  before: readonly ComparedLine[],
  after: readonly ComparedLine[],
): DifferenceLine[] {
  const texts = (lines: readonly ComparedLine[]) => lines.map(({ text }) => text);
  const lines: DifferenceLine[] = [];
  const add = (
    kind: DifferenceLine['kind'],
    of: readonly ComparedLine[],
    from: number,
    to: number,
  ) => {
    for (let index = from; index < to; index++)
      lines.push({ kind, line: index + 1, text: of[index]?.shown ?? '' });
  };
  let done = 0;
  for (const { from, to, afterFrom, afterTo } of replacedLines(texts(before), texts(after))) {
    add('same', after, done, afterFrom);
    add('removed', before, from, to);
    add('added', after, afterFrom, afterTo);
    done = afterTo;
  }
  add('same', after, done, after.length);
  return withContext(lines);
}

/** The stretches that differ, in order; between them the lines are the same. */
export function replacedLines(before: readonly string[], after: readonly string[]): Replaced[] {
  let first = 0;
  const shortest = Math.min(before.length, after.length);
  while (first < shortest && before[first] === after[first]) first++;
  let last = 0;
  while (last < shortest - first && before.at(-1 - last) === after.at(-1 - last)) last++;
  const kept = longestCommon(
    before.slice(first, before.length - last),
    after.slice(first, after.length - last),
  ).map(([from, to]) => [first + from, first + to] as const);
  const replaced: Replaced[] = [];
  let [from, afterFrom] = [first, first];
  for (const [to, afterTo] of [...kept, [before.length - last, after.length - last] as const]) {
    if (to > from || afterTo > afterFrom) replaced.push({ from, to, afterFrom, afterTo });
    [from, afterFrom] = [to + 1, afterTo + 1];
  }
  return replaced;
}

/** Pairs of indexes of the lines that both have, in order: the longest common subsequence. */
function longestCommon(
  before: readonly string[],
  after: readonly string[],
): (readonly [number, number])[] {
  const columns = after.length + 1;
  if (before.length * after.length > maxPairs) return [];
  const lengths = new Uint32Array((before.length + 1) * columns);
  const at = (row: number, column: number) => lengths[row * columns + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      lengths[row * columns + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  const pairs: (readonly [number, number])[] = [];
  for (let [row, column] = [0, 0]; row < before.length && column < after.length; )
    if (before[row] === after[column]) pairs.push([row++, column++]);
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
