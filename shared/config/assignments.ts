// From a document to the values given in it: each known name at most once, with a value. What does
// not fit (unknown names, repetitions, empty values, malformed lines) becomes a problem with its
// line, and the lines that do fit are still returned, so that all mistakes show at once.
import type { ConfDocument, EncodingProblem } from './conf-file.ts';
import type { ConfigurationProblem } from './problem.ts';
import { shownLine, shownValue } from './secret.ts';
import { maxSlips, slipsBetween } from './slips.ts';

export interface Assignment {
  line: number;
  /** as spelled in the file */
  name: string;
  value: string;
}

/** A name that a file may hold. `allowed` tells what an empty value should have been. */
export interface KnownName {
  name: string;
  allowed: string;
}

/** Characters of a malformed line shown in its problem. */
const maxExcerpt = 60;

export function readAssignments(
  document: ConfDocument,
  known: readonly KnownName[],
  file: string,
  encodingProblems: readonly EncodingProblem[] = [],
): { assignments: Map<string, Assignment>; problems: ConfigurationProblem[] } {
  const assignments = new Map<string, Assignment>();
  const problems: ConfigurationProblem[] = encodingProblems.map(({ line, message }) => ({
    file,
    line,
    name: null,
    value: null,
    message,
  }));
  // One problem a line: what an undecodable line seems to say is not worth another.
  const unreadable = new Set(encodingProblems.map(({ line }) => line));
  for (const [index, each] of document.lines.entries()) {
    const line = index + 1;
    if (each.kind === 'silent' || unreadable.has(line)) continue;
    if (each.kind === 'malformed') {
      const message = `${excerpt(each.text)} ${each.message}`;
      problems.push({ file, line, name: null, value: null, message });
      continue;
    }
    const { name, value } = each;
    const definition = known.find((one) => one.name.toLowerCase() === name.toLowerCase());
    const earlier = definition && assignments.get(definition.name);
    const message = !definition
      ? unknownName(name, known)
      : earlier
        ? `is set twice; line ${earlier.line} already says ${earlier.name}=${shownValue(earlier.name, earlier.value)}. Keep one of the two`
        : value === ''
          ? `has no value; allowed: ${definition.allowed}`
          : null;
    if (message !== null)
      problems.push({ file, line, name, value: shownValue(name, value), message });
    if (definition && !earlier) assignments.set(definition.name, { line, name, value });
  }
  for (const [name, { value }] of assignments) if (value === '') assignments.delete(name);
  return { assignments, problems: inOrder(problems) };
}

/** Problems by line, those of the whole file first. */
export function inOrder(problems: readonly ConfigurationProblem[]): ConfigurationProblem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function excerpt(line: string): string {
  const text = shownLine(line);
  return text.length > maxExcerpt ? `"${text.slice(0, maxExcerpt)}…"` : `"${text}"`;
}

function unknownName(name: string, known: readonly KnownName[]): string {
  const nearest = known
    .map((one) => ({ one, slips: slipsBetween(name.toLowerCase(), one.name.toLowerCase()) }))
    .filter(({ one, slips }) => slips <= maxSlips && slips < one.name.length / 2)
    .toSorted((a, b) => a.slips - b.slips)[0];
  if (nearest) return `is not a setting; did you mean ${nearest.one.name}?`;
  return `is not a setting; known: ${known.map((one) => one.name).join(', ')}`;
}
