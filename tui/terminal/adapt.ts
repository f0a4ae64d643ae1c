// A frame as the terminal can show it: in ASCII where it has no other characters. Every piece of text passes here on its
// way out, so views, and libraries that draw for them, may use any character. Colours are the theme's.
import type { Abilities } from '../abilities.ts';
import { columnsOf, graphemesOf } from '../text/columns.ts';

type Adapt = (frame: string) => string;

export function adaptTo({ characters }: Pick<Abilities, 'characters'>): Adapt {
  return characters === 'ascii' ? asciiFrame : (frame) => frame;
}

/** Each ASCII sign, and the characters that it replaces. */
const signs: Readonly<Record<string, string>> = {
  '<': '←◀◂‹≤',
  '>': '→▶▸›≥',
  '^': '↑▲△▴',
  v: '↓▼▽▾',
  '-': '─‐‑–—−╌┄┈',
  '=': '━═',
  '|': '│┃║╎┆┊·▏▎▍▌▐▕',
  '+': '┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋✓✔±',
  '/': '╱',
  '\\': '╲',
  X: '╳',
  x: '×✗✕✘',
  '*': '●•◆★✱⬤',
  o: '○◯◇□°◦',
  '#': '█■▉▊▋▓',
  ':': '▒⋮',
  '.': '░▪▫',
  // Columns of a small chart, from low to high.
  _: '▁▂',
  ',': '▃',
  i: '▄▅',
  l: '▆▇',
  '~': '…≈',
  "'": '‘’′▀',
  '"': '“”″',
  ' ': '\u00a0\u2007\u2009\u202f',
  u: 'µμ',
};

const signOf = new Map(
  Object.entries(signs).flatMap(([sign, characters]) =>
    [...characters].map((character) => [character, sign] as const),
  ),
);

/** A single block is the caret after typed text, several are a bar. */
const caret = /(?<!\u2588)\u2588(?!\u2588)/g;

/** The frame in ASCII, with the same lines, widths and styles. A character without a sign becomes `?`. */
export function asciiFrame(frame: string): string {
  return frame.replace(caret, '_').replace(/[^\u0000-\u007f]+/g, asciiOf);
}

function asciiOf(text: string): string {
  let out = '';
  for (const segment of graphemesOf(text))
    out += signOf.get(segment) ?? asciiOfBraille(segment) ?? '?'.repeat(columnsOf(segment));
  return out;
}

const firstPattern = 0x2800;
const lastPattern = 0x28ff;

/** The bits of each column of dots, from the top row down. */
const columns = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Signs for a level line, from the top row of dots down. */
const level = ['"', '-', '-', '_'];
/** Signs for what fills one column only. */
const point = ["'", '-', '-', '.'];
/** Dots above each other from which on a column is an upright line. */
const uprightFrom = 3;

/**
 * The sign for a Braille character, two columns of four dots, in which charts are drawn: one that lies as high and
 * slopes alike. Null for other characters.
 */
function asciiOfBraille(character: string): string | null {
  const code = character.codePointAt(0) ?? 0;
  if (code < firstPattern || code > lastPattern) return null;
  const [left, right] = columns.map((bits) =>
    bits.flatMap((bit, row) => ((code - firstPattern) & bit ? [row] : [])),
  ) as [number[], number[]];
  if (left.length + right.length === 0) return ' ';
  if (left.length >= uprightFrom || right.length >= uprightFrom) return '|';
  if (left.length === 0 || right.length === 0) {
    const rows = left.length === 0 ? right : left;
    return rows.length > 1 ? '|' : (point[rows[0] ?? 0] ?? '|');
  }
  const rise = middle(left) - middle(right);
  if (Math.abs(rise) >= 1) return rise > 0 ? '/' : '\\';
  return level[Math.round((middle(left) + middle(right)) / 2)] ?? '-';
}

function middle(rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + row, 0) / rows.length;
}
