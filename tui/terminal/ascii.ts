// Frames for terminals that show ASCII only: every other character becomes one of the same width, just
// before it is written, so that no view has to know. What the console draws with has a sign that looks
// alike; what comes from elsewhere becomes `?`. Nothing but ASCII leaves here.
import { columnsOf, graphemesOf } from '../text/columns.ts';
import { asciiOfBraille } from './ascii-braille.ts';

/** Each sign, and the characters that it stands for. */
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

/** A single block is the caret behind what is typed, several are a bar. */
const caret = /(?<!█)█(?!█)/g;

/** `frame` in ASCII; its lines, their widths and their styles stay. */
export function asciiFrame(frame: string): string {
  return frame.replace(caret, '_').replace(/[^\u0000-\u007f]+/g, asciiOf);
}

function asciiOf(text: string): string {
  let out = '';
  for (const segment of graphemesOf(text))
    out += signOf.get(segment) ?? asciiOfBraille(segment) ?? '?'.repeat(columnsOf(segment));
  return out;
}
