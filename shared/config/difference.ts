// The difference of two texts line by line, and the merge of two texts that were changed from the same
// one. The comparison is Myers' (1986), by the `diff` package: the fewest lines removed and added.
import { diffArrays } from 'diff';

/** A line of a difference. */
export interface DifferenceLine {
  kind: 'same' | 'removed' | 'added';
  /** its number: of a removed line before the change, of any other after it */
  line: number;
  text: string;
}

/** A line to compare by its `text` and to show as `shown`. */
export interface ComparedLine {
  text: string;
  shown: string;
}

/** Unchanged lines shown before and after a change: enough to recognise the place. */
const contextLines = 2;

/**
 * Most lines that may differ, because the comparison costs the square of it: half a second at worst.
 * Beyond it, every line counts as replaced.
 */
const maxEdits = 1_000;

/** The lines removed and added from `before` to `after`, each stretch with two unchanged lines around it. */
export function compareLines(
  before: readonly ComparedLine[],
  after: readonly ComparedLine[],
): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  let [removed, kept] = [0, 0];
  for (const stretch of stretchesOf(texts(before), texts(after)))
    for (const _ of stretch.value) {
      const kind = stretch.removed ? 'removed' : stretch.added ? 'added' : 'same';
      const { shown = '' } = (stretch.removed ? before[removed] : after[kept]) ?? {};
      lines.push({ kind, line: (stretch.removed ? removed : kept) + 1, text: shown });
      if (!stretch.added) removed++;
      if (!stretch.removed) kept++;
    }
  return withContext(lines);
}

/**
 * The text with the changes of both `mine` and `theirs`, which were changed from `base`; null if both
 * changed the same lines differently, or added lines at the same place.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string | null {
  const lines = splitLines(base);
  const changes = [...changesFrom(lines, mine), ...changesFrom(lines, theirs)].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  );
  const merged: string[] = [];
  let done = 0;
  let previous: Change | null = null;
  for (const change of changes) {
    if (previous !== null) {
      if (isSame(previous, change)) continue;
      if (collide(previous, change)) return null;
    }
    merged.push(...lines.slice(done, change.from), ...change.lines);
    done = change.to;
    previous = change;
  }
  return [...merged, ...lines.slice(done)].join('');
}

/** A change of a text: the lines `from` to `to` of the base are now `lines`. */
interface Change {
  from: number;
  to: number;
  lines: readonly string[];
}

function changesFrom(base: readonly string[], text: string): Change[] {
  const changes: Change[] = [];
  let line = 0;
  let last: Change | null = null;
  for (const { value, removed, added } of stretchesOf(base, splitLines(text))) {
    if (!removed && !added) last = null;
    else if (last === null) {
      last = { from: line, to: line, lines: [] };
      changes.push(last);
    }
    if (last !== null && removed) last.to += value.length;
    if (last !== null && added) last.lines = value;
    if (!added) line += value.length;
  }
  return changes;
}

function stretchesOf(before: readonly string[], after: readonly string[]) {
  const replaced = [
    { value: [...before], removed: true, added: false },
    { value: [...after], removed: false, added: true },
  ];
  return diffArrays([...before], [...after], { maxEditLength: maxEdits }) ?? replaced;
}

function isSame(a: Change, b: Change): boolean {
  return a.from === b.from && a.to === b.to && a.lines.join('') === b.lines.join('');
}

/** Adjacent changes do not collide, unless one only adds lines: nothing says then which comes first. */
function collide(a: Change, b: Change): boolean {
  if (b.from < a.to) return true;
  return b.from === a.to && (a.from === a.to || b.from === b.to);
}

/** The lines of a text with their line ends. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function texts(lines: readonly ComparedLine[]): string[] {
  return lines.map(({ text }) => text);
}

function withContext(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') near.fill(1, Math.max(0, index - contextLines), index + contextLines + 1);
  return lines.filter((_, index) => near[index] === 1);
}
