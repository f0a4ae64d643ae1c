// Lines of the screen as a screen reader should speak them: words only. Cells of a table are separated by commas,
// marks that have a meaning become words, and drawings go. Pure.
import { type Theme, unpainted } from '../theme.ts';

export interface SpokenLine {
  text: string;
  /** It is the selected row. */
  isChosen: boolean;
}

/** Begins a selected row; for private use in Unicode, and never written to the terminal. */
const chosenMark = '\ue000';

/** A theme for lines that are spoken: only the selected row is marked, and pictures are left out. */
export const readingTheme: Theme = {
  paint: (token, text) => (token === 'selected' ? chosenMark + text : text),
  picture: () => '',
  stale: unpainted,
};

/** Rules, gauges, Braille, and marks of states that have their word beside them. */
const drawn = /[\u2500-\u257f\u2580-\u259f\u2800-\u28ff\u25cf\u25cb\u25c6\u25c7\u25a0\u25a1]/g;

const words: Readonly<Record<string, string>> = {
  '▲': 'ascending',
  '▼': 'descending',
  '↑': 'Up',
  '↓': 'Down',
  '←': 'Left',
  '→': 'Right',
  '…': '...',
  '×': ' by ',
  '·': ',',
};
const marks = new RegExp(`[${Object.keys(words).join('')}]`, 'g');

/** The lines that have words. */
export function spokenLines(lines: readonly string[]): SpokenLine[] {
  return lines.flatMap((line) => {
    const text = wordsOf(unpainted(line).replaceAll(chosenMark, ''));
    return text === '' ? [] : [{ text, isChosen: line.includes(chosenMark) }];
  });
}

export function wordsOf(line: string): string {
  return line
    .replace(drawn, ' ')
    .replace(marks, (mark) => words[mark] ?? '')
    .trim()
    .replace(/ {2,}/g, ', ')
    .replace(/ +,/g, ',')
    .replace(/,{2,}/g, ',')
    .replace(/^\* /, 'marked: ')
    .replace(/^\+ /, 'new: ');
}
