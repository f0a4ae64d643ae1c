// Which lines of a screen are news, when most of them are the same as before with other figures. Pure.
import type { SpokenLine } from './spoken.ts';

/** The words above the rows, unless only figures in them are new. */
export function renamedTitle(
  before: readonly SpokenLine[],
  now: readonly SpokenLine[],
): SpokenLine | null {
  const [title] = now;
  if (title === undefined || title.isChosen) return null;
  return skeletonOf(title.text) === skeletonOf(before[0]?.text ?? '') ? null : title;
}

/** The selected row, unless it was that before. */
export function movedRow(
  before: readonly SpokenLine[],
  now: readonly SpokenLine[],
): SpokenLine | null {
  const row = now.find(({ isChosen }) => isChosen);
  const past = before.find(({ isChosen }) => isChosen);
  if (row === undefined) return null;
  return past !== undefined && nameOf(past.text) === nameOf(row.text) ? null : row;
}

/** Those that were not there before, or have other words now; figures and ages do not count. */
export function newLines(before: readonly SpokenLine[], now: readonly SpokenLine[]): SpokenLine[] {
  const known = new Set(
    before.flatMap((line) =>
      line.isChosen ? [formOf(line), `selected: ${formOf(line)}`] : [formOf(line)],
    ),
  );
  return now.filter((line, index) => {
    // The first one tells how many there are.
    if (index === 0 && skeletonOf(line.text) === skeletonOf(before[0]?.text ?? '')) return false;
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
