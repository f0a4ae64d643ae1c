// What is said when the screen changes. A screen whose figures change every second would never be silent:
// so only what an operator would look up for is told by itself, and the rest after a key, which may
// change anything. Pure.
import type { Account } from './account.ts';
import type { Attention } from './attention.ts';
import type { SpokenLine } from './spoken.ts';

export interface News {
  said: string[];
  /** What is known to the listener now: `before` of the next time. */
  told: Account;
}

/**
 * @param before what the listener knows; null at first
 * @param isAnswer whether this comes of a key
 */
export function newsOf(before: Account | null, now: Account, isAnswer: boolean): News {
  const past = before?.attention ?? [];
  const attention = attentionSince(past, now.attention);
  const isElsewhere = before === null || before.place !== now.place;
  const isTyping = now.question !== null && now.question.text !== before?.question?.text;
  // What a filter finds while it is typed is told when it is kept.
  const isHeldBack = !isElsewhere && now.question !== null && (isTyping || !isAnswer);
  const changed = isAnswer ? newLines : movedLines;
  return {
    said: [
      ...attentionNews(past, attention),
      ...(isElsewhere ? wholeAccount(now) : isHeldBack ? [] : changed(before, now).map(spoken)),
      ...noticeNews(before, now),
    ],
    told: { ...now, attention, lines: isHeldBack ? before.lines : now.lines },
  };
}

/** Everything there is to be read in its place. */
export function wholeAccount({ heading, lines }: Account): string[] {
  return [`${heading}.`, ...lines.map(spoken)];
}

function spoken({ text, isChosen }: SpokenLine): string {
  return isChosen ? `selected: ${text}` : text;
}

function noticeNews(before: Account | null, now: Account): string[] {
  return now.notice === null || now.notice === before?.notice ? [] : [now.notice];
}

/** While the connection is lost nothing else is known to be over. */
function attentionSince(
  past: readonly Attention[],
  now: readonly Attention[],
): readonly Attention[] {
  const isLost = now.some(({ about }) => about === 'connection');
  return isLost ? [...now, ...past.filter(isOther(now))] : now;
}

function attentionNews(past: readonly Attention[], now: readonly Attention[]): string[] {
  const ended = past.filter(isOther(now));
  const begun = now.filter(
    ({ about, text }) => !past.some((each) => each.about === about && each.text === text),
  );
  return [...ended.map(({ over }) => over), ...begun.map(({ text }) => text)];
}

function isOther(known: readonly Attention[]): (attention: Attention) => boolean {
  return ({ about }) => !known.some((each) => each.about === about);
}

/**
 * By itself only this is told: another row is selected, or other words stand above the rows. What a key
 * asked the daemon for comes so.
 */
function movedLines(before: Account, now: Account): SpokenLine[] {
  const [title, pastTitle] = [now.lines[0], before.lines[0]];
  const row = now.lines.find(({ isChosen }) => isChosen);
  const pastRow = before.lines.find(({ isChosen }) => isChosen);
  const isMoved = row && (!pastRow || nameOf(row.text) !== nameOf(pastRow.text));
  const isRenamed =
    title && title !== row && skeletonOf(title.text) !== skeletonOf(pastTitle?.text ?? '');
  return [...(isRenamed ? [title] : []), ...(isMoved ? [row] : [])];
}

/** Those that were not there before, or have other words now; figures and ages do not count. */
function newLines(before: Account, now: Account): SpokenLine[] {
  const known = new Set(
    before.lines.flatMap((line) =>
      line.isChosen ? [formOf(line), `selected: ${formOf(line)}`] : [formOf(line)],
    ),
  );
  return now.lines.filter((line, index) => {
    // The first one tells how many there are.
    if (index === 0 && skeletonOf(line.text) === skeletonOf(before.lines[0]?.text ?? ''))
      return false;
    return !known.has(line.isChosen ? `selected: ${formOf(line)}` : formOf(line));
  });
}

/** What stays of a line while its figures change. */
function formOf({ text }: SpokenLine): string {
  return `${nameOf(text)}, ${skeletonOf(text)}`;
}

/** The first cell that is more than a figure: the address, the setting, the time of day. */
function nameOf(text: string): string {
  return text.split(', ').find((cell) => skeletonOf(cell) !== '#') ?? text;
}

/** Numbers and ages with their units, but not those within an address, a time or a name. */
const figures =
  /(?<![\w.:])(?<!\w-)\d[\d,]*(?:\.\d+)?(?![\w.:-])(?: (?:ms|s|min|h|d|MB|GB)\b)?(?: \d+ (?:min|h)\b)?(?: ago\b)?|\bnow\b/g;

function skeletonOf(text: string): string {
  return text.replace(figures, '#');
}
