// ddns.conf as it may leave the daemon: whatever is, or was meant to be, the value of Secret stands
// there as `keptValue`, in settings, in lines that are none, and in settings that are commented out.
// A text that comes back with that in the place of a value keeps the value the file has.
// Invariant: unmaskConf(maskConf(document), document) is the document.
import { type ConfDocument, type ConfLine, parseConf, parseLine } from './conf-file.ts';
import { hiddenValue, isSecretName, secretAssignment, secretWordEnd } from './secret.ts';

/** Long enough to pass for a Secret, so that a masked text is checked like the one it stands for. */
export const keptValue = '(hidden, unchanged)';

/** In a difference: a value that the file does not have yet. */
const otherValue = '(hidden, changed)';

/** What a line hides: from where on, and the name whose value it is. */
interface HiddenPart {
  from: number;
  /** in lower case; null for a line that is no setting */
  name: string | null;
}

/** The text with every hidden part masked. */
export function maskConf({ byteOrderMark, lines }: ConfDocument): string {
  const masked = lines.map((line) => maskLine(line, keptValue) + line.ending);
  return (byteOrderMark ? '\ufeff' : '') + masked.join('');
}

/** The document that a masked text means: masked lines, also moved ones, are what they are in `original`. */
export function unmaskConf(text: string, original: ConfDocument): ConfDocument {
  const hidden = original.lines.flatMap((line) => {
    const part = hiddenPart(line);
    if (part === null) return [];
    const tail = line.text.slice(part.from);
    return [{ masked: maskLine(line, keptValue), text: line.text, name: part.name, tail }];
  });
  const document = parseConf(text);
  const taken = new Set<object>();
  const lines = document.lines.map((line) => {
    if (!line.text.includes(keptValue)) return line;
    const alike = hidden.filter(({ masked }) => masked === line.text);
    // Lines that look alike when masked are taken in their order.
    const found = alike.find((each) => !taken.has(each)) ?? alike[0];
    if (found) {
      taken.add(found);
      return parseLine(found.text, line.ending);
    }
    const part = hiddenPart(line);
    const named = part?.name ? hidden.find(({ name }) => name === part.name) : undefined;
    if (!part || !named || !line.text.slice(part.from).startsWith(keptValue)) return line;
    const after = line.text.slice(part.from + keptValue.length);
    return parseLine(line.text.slice(0, part.from) + named.tail + after, line.ending);
  });
  return { ...document, lines };
}

/** Whether a setting has the mask itself for its value: nothing in the file stands behind it. */
export function isMaskAlone(line: ConfLine): boolean {
  return line.kind === 'setting' && (line.value === keptValue || line.value === otherValue);
}

/** How a difference shows the lines of the file as it is. */
export function shownLines({ lines }: ConfDocument): string[] {
  return lines.map((line) => maskLine(line, hiddenValue));
}

/** How a difference shows the lines of a changed file: which hidden parts are other ones, and no more. */
export function shownChangedLines({ lines }: ConfDocument, original: ConfDocument): string[] {
  const known = new Set(original.lines.map(hiddenText));
  return lines.map((line) =>
    maskLine(line, known.has(hiddenText(line)) ? hiddenValue : otherValue),
  );
}

function hiddenText(line: ConfLine): string | null {
  const part = hiddenPart(line);
  return part === null ? null : line.text.slice(part.from).trim();
}

function maskLine(line: ConfLine, mask: string): string {
  const part = hiddenPart(line);
  if (part === null) return line.text;
  return line.text.slice(0, part.from) + (part.name === null ? ' ' : '') + mask;
}

function hiddenPart(line: ConfLine): HiddenPart | null {
  if (line.kind === 'malformed') return afterWord(line.text, 0);
  if (line.kind === 'silent') return inComment(line.text, 0);
  return hiddenTail(line, 0) ?? inComment(line.text, line.to);
}

/** What a comment that begins at `start`, or is the rest of the line, hides: a setting that was commented out. */
function inComment(text: string, start: number): HiddenPart | null {
  const body = text.slice(start).replace(/^[\s#]*/, '');
  const offset = text.length - body.length;
  const commented = parseLine(body, '');
  if (commented.kind !== 'malformed') return hiddenTail(commented, offset);
  // Without an = it is words about something.
  return body.includes('=') ? afterWord(text, offset) : null;
}

function afterWord(text: string, offset: number): HiddenPart | null {
  const end = secretWordEnd(text.slice(offset));
  return end === null ? null : { from: offset + end, name: null };
}

/** The rest of the line is hidden too: a # that was meant to belong to the value makes it a comment. */
function hiddenTail(line: ConfLine, offset: number): HiddenPart | null {
  if (line.kind !== 'setting') return null;
  if (!isSecretName(line.name)) {
    const from = secretAssignment(line.value);
    return from === null ? null : { from: offset + line.from + from, name: null };
  }
  if (line.text.slice(line.from).trim() === '' || line.value.toLowerCase() === 'none') return null;
  return { from: offset + line.from, name: line.name.toLowerCase() };
}
