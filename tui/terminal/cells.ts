// A line of styled text as a row of terminal cells, so that two frames can be compared cell by cell. It parses the SGR
// codes that the console writes itself; other escape sequences never get here.
import { columnsOf, graphemesOf, isNarrow } from '../text/columns.ts';

/** One cell of a terminal. */
export interface Cell {
  /** The character, or empty for the second half of a wide one. */
  text: string;
  /** SGR parameters that make its style from scratch; empty is the default style. */
  style: string;
}

const blank: Cell = { text: ' ', style: '' };

interface Style {
  /** Bold, dim, italic, underline, inverse, strikethrough: the codes that are on. */
  attributes: Set<number>;
  foreground: string;
  background: string;
}

/** What switches each attribute off; 22 ends both bold and dim. */
const offCodes: Record<number, number[]> = { 22: [1, 2], 23: [3], 24: [4], 27: [7], 29: [9] };

/** The first `columns` cells of `line`, padded with blanks. */
export function cellsOf(line: string, columns: number): Cell[] {
  const cells: Cell[] = [];
  const style: Style = { attributes: new Set(), foreground: '', background: '' };
  let current = '';
  let rest = line;
  while (rest !== '' && cells.length < columns) {
    const begin = rest.indexOf('\u001b[');
    const text = begin < 0 ? rest : rest.slice(0, begin);
    appendText(cells, text, current, columns);
    if (begin < 0) break;
    const end = rest.indexOf('m', begin);
    if (end < 0) break;
    applyCodes(style, rest.slice(begin + 2, end));
    current = styleCodes(style);
    rest = rest.slice(end + 1);
  }
  while (cells.length < columns) cells.push(blank);
  return cells;
}

/** Whether a space in this style looks plain: no background, line or reversal. */
export function isFaceless(style: string): boolean {
  return /^(?:(?:[123]|3[0-7]|9[0-7]|38;5;\d+|38;2;\d+;\d+;\d+)(?:;|$))*$/.test(style);
}

function appendText(cells: Cell[], text: string, style: string, columns: number): void {
  const narrow = isNarrow(text);
  const characters = narrow ? text : graphemesOf(text);
  const faceless = isFaceless(style);
  for (const character of characters) {
    const width = narrow ? 1 : columnsOf(character);
    if (cells.length + width > columns) return;
    if (width === 0) continue;
    cells.push(character === ' ' && faceless ? blank : { text: character, style });
    if (width === 2) cells.push({ text: '', style });
  }
}

function applyCodes(style: Style, parameters: string): void {
  const codes = parameters.split(';').map((code) => (code === '' ? 0 : Number(code)));
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      // An indexed colour (5;n) or a direct one (2;r;g;b).
      const length = codes[index + 1] === 5 ? 3 : 5;
      const colour = codes.slice(index, index + length).join(';');
      if (code === 38) style.foreground = colour;
      else style.background = colour;
      index += length - 1;
    } else {
      applyCode(style, code);
    }
  }
}

function applyCode(style: Style, code: number): void {
  if (code === 0) {
    style.attributes.clear();
    style.foreground = '';
    style.background = '';
  } else if (code < 10) {
    style.attributes.add(code);
  } else if (offCodes[code]) {
    for (const attribute of offCodes[code]) style.attributes.delete(attribute);
  } else if ((code >= 30 && code < 40) || (code >= 90 && code < 98)) {
    style.foreground = code === 39 ? '' : String(code);
  } else if ((code >= 40 && code < 50) || (code >= 100 && code < 108)) {
    style.background = code === 49 ? '' : String(code);
  }
}

function styleCodes(style: Style): string {
  const codes = [...style.attributes].sort((a, b) => a - b).map(String);
  if (style.foreground !== '') codes.push(style.foreground);
  if (style.background !== '') codes.push(style.background);
  return codes.join(';');
}
