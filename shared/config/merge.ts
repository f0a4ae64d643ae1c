// Two texts that were made from the same one, as one text with the changes of both.
import { type Replaced, replacedLines } from './difference.ts';

interface Change extends Replaced {
  lines: readonly string[];
}

/** The merged text; null when both changed the same lines, and not alike. */
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

function changesFrom(base: readonly string[], text: string): Change[] {
  const after = splitLines(text);
  return replacedLines(base, after).map((replaced) => ({
    ...replaced,
    lines: after.slice(replaced.afterFrom, replaced.afterTo),
  }));
}

function isSame(a: Change, b: Change): boolean {
  return a.from === b.from && a.to === b.to && a.lines.join('') === b.lines.join('');
}

/** Neighbours do not, unless one only adds lines: then nothing says which comes first. */
function collide(a: Change, b: Change): boolean {
  if (b.from < a.to) return true;
  return b.from === a.to && (a.from === a.to || b.from === b.to);
}

/** With their line ends. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
