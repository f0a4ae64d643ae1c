// What is said when the screen changes. A screen whose figures change every second would never be silent. So
// after a key every new line is said, because the key may have changed anything; otherwise only what an operator
// would look up for. Pure.
import type { Account, Attention } from './account.ts';
import type { SpokenLine } from './spoken.ts';

/**
 * What may still follow from the last key, because the daemon takes its time. Each is said once: a list in which
 * rows come and go would never be silent.
 */
export interface Awaited {
  title: boolean;
  row: boolean;
}

export const everythingAwaited: Awaited = { title: true, row: true };

interface News {
  said: string[];
  /** What the listener knows now: `before` of the next call. */
  known: Account;
  awaited: Awaited;
}

/**
 * What to say of the change from one account to the next.
 * @param before what the listener knows; null at first
 * @param cause a key that was just pressed, or what may still follow from the last one
 */
export function newsOf(before: Account | null, now: Account, cause: 'key' | Awaited): News {
  const isElsewhere = before === null || before.place !== now.place;
  const isTyping = now.question !== null && now.question.text !== before?.question?.text;
  // The rows that a filter finds while it is typed are said when it is kept.
  const isHeldBack = !isElsewhere && now.question !== null && (isTyping || cause !== 'key');
  const lines = isElsewhere ? now.lines : isHeldBack ? [] : changedLines(before, now, cause);
  const awaited = cause === 'key' || isElsewhere ? everythingAwaited : cause;
  return {
    said: [
      ...attentionNews(before?.attention ?? [], now.attention),
      ...(isElsewhere ? wholeAccount(now) : lines.map(spoken)),
      ...noticeNews(before, now, cause),
    ],
    known: { ...now, lines: isHeldBack ? before.lines : now.lines },
    awaited: {
      title: awaited.title && (awaited !== cause || !lines.some((line) => line === now.lines[0])),
      row: awaited.row && !lines.some(({ isChosen }) => isChosen),
    },
  };
}

function changedLines(before: Account, now: Account, cause: 'key' | Awaited): SpokenLine[] {
  if (cause === 'key') return newLines(before.lines, now.lines);
  const title = cause.title ? renamedTitle(before.lines, now.lines) : null;
  const row = cause.row ? movedRow(before.lines, now.lines) : null;
  return [title, row].filter((line) => line !== null);
}

export function wholeAccount({ heading, lines }: Account): string[] {
  return [`${heading}.`, ...lines.map(spoken)];
}

function spoken({ text, isChosen }: SpokenLine): string {
  return isChosen ? `selected: ${text}` : text;
}

/** A key takes the notice of the one before away: what stands there then is its own, in the same words or not. */
function noticeNews(before: Account | null, { notice }: Account, cause: 'key' | Awaited): string[] {
  const isNew = cause === 'key' || notice !== before?.notice;
  return notice === null || !isNew ? [] : [notice];
}

function attentionNews(past: readonly Attention[], now: readonly Attention[]): string[] {
  const ended = past.filter(isOther(now));
  const begun = now.filter(
    ({ about, short }) => !past.some((each) => each.about === about && each.short === short),
  );
  return [...ended.map(({ over }) => over), ...begun.map(({ text }) => text)];
}

function isOther(known: readonly Attention[]): (attention: Attention) => boolean {
  return ({ about }) => !known.some((each) => each.about === about);
}

/** The line above the rows, if more than its figures changed. */
function renamedTitle(
  before: readonly SpokenLine[],
  now: readonly SpokenLine[],
): SpokenLine | null {
  const [title] = now;
  if (title === undefined || title.isChosen) return null;
  return skeletonOf(title.text) === skeletonOf(before[0]?.text ?? '') ? null : title;
}

/** The selected row, if it is another one. */
function movedRow(before: readonly SpokenLine[], now: readonly SpokenLine[]): SpokenLine | null {
  const row = now.find(({ isChosen }) => isChosen);
  const past = before.find(({ isChosen }) => isChosen);
  if (row === undefined) return null;
  return past !== undefined && nameOf(past.text) === nameOf(row.text) ? null : row;
}

/** Lines that are new or have other words; figures and ages do not count. */
function newLines(before: readonly SpokenLine[], now: readonly SpokenLine[]): SpokenLine[] {
  const known = new Set(
    before.flatMap((line) =>
      line.isChosen ? [formOf(line), `selected: ${formOf(line)}`] : [formOf(line)],
    ),
  );
  return now.filter((line, index) => {
    // The first line has the number of rows.
    if (index === 0 && skeletonOf(line.text) === skeletonOf(before[0]?.text ?? '')) return false;
    return !known.has(line.isChosen ? `selected: ${formOf(line)}` : formOf(line));
  });
}

/** The part of a line that stays while its figures change. */
function formOf({ text }: SpokenLine): string {
  return `${nameOf(text)}, ${skeletonOf(text)}`;
}

/** The first cell that is more than a figure: an address, a setting, a time of day. */
function nameOf(text: string): string {
  return text.split(', ').find((cell) => skeletonOf(cell) !== '#') ?? text;
}

/** Numbers and ages with their units, but not within an address, a time or a name. */
const figures =
  /(?<![\w.:])(?<!\w-)\d[\d,]*(?:\.\d+)?(?![\w.:-])(?: (?:ms|s|min|h|d|MB|GB)\b)?(?: \d+ (?:min|h)\b)?(?: ago\b)?|\bnow\b/g;

function skeletonOf(text: string): string {
  return text.replace(figures, '#');
}
