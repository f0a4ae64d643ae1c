// ddns.conf as it may leave the daemon: the value of Secret, or text that was meant to be one, is replaced by
// `keptValue`, in settings, in malformed lines and in settings that are commented out. If a text comes back
// with the mask, the value in the file is kept: unmaskConf(maskConf(document), document) is the document.
import { type ConfDocument, type ConfLine, parseConf, parseLine } from './conf-file.ts';
import { hiddenValue, isSecretName, secretAssignment, secretWordEnd } from './secret.ts';

/** The mask. Long enough to pass for a Secret, so that a masked text is validated like the real one. */
export const keptValue = '(hidden, unchanged)';

/** The mask, in a difference, of a value that the file does not have yet. */
const otherValue = '(hidden, changed)';

/** The hidden part of a line: from an index to its end. */
interface HiddenPart {
  from: number;
  /** name of the setting, in lower case; null for a line that is not a setting */
  name: string | null;
}

/** The text of a document with every hidden part masked. */
export function maskConf({ byteOrderMark, lines }: ConfDocument): string {
  const masked = lines.map((line) => maskLine(line, keptValue) + line.ending);
  return (byteOrderMark ? '\ufeff' : '') + masked.join('');
}

/** The document that a masked text stands for: masked lines, also moved ones, are those of `original`. */
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
    // Lines that look alike when masked are matched in order.
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

/** Whether the value of a setting is the mask itself, with no value in the file behind it. */
export function isMaskAlone(line: ConfLine): boolean {
  return line.kind === 'setting' && (line.value === keptValue || line.value === otherValue);
}

/** The lines of the file as a difference shows them. */
export function shownLines({ lines }: ConfDocument): string[] {
  return lines.map((line) => maskLine(line, hiddenValue));
}

/** The lines of a changed file as a difference shows them: hidden parts are either unchanged or changed. */
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

/** The hidden part of a comment from `start` on: a Secret that was commented out. */
function inComment(text: string, start: number): HiddenPart | null {
  const body = text.slice(start).replace(/^[\s#]*/, '');
  const offset = text.length - body.length;
  const commented = parseLine(body, '');
  if (commented.kind !== 'malformed') return hiddenTail(commented, offset);
  // Without an = it is prose.
  return body.includes('=') ? afterWord(text, offset) : null;
}

function afterWord(text: string, offset: number): HiddenPart | null {
  const end = secretWordEnd(text.slice(offset));
  return end === null ? null : { from: offset + end, name: null };
}

/** Includes the rest of the line: it may be part of a secret whose # made it a comment. */
function hiddenTail(line: ConfLine, offset: number): HiddenPart | null {
  if (line.kind !== 'setting') return null;
  if (!isSecretName(line.name)) {
    const from = secretAssignment(line.value);
    return from === null ? null : { from: offset + line.from + from, name: null };
  }
  if (line.text.slice(line.from).trim() === '' || line.value.toLowerCase() === 'none') return null;
  return { from: offset + line.from, name: line.name.toLowerCase() };
}
