// Lines of the screen as a screen reader should speak them: words, without what is only drawn. Cells of
// a table are set apart by commas, marks that carry a meaning become words. Pure.
import { type Theme, unpainted } from '../theme.ts';

export interface SpokenLine {
  text: string;
  /** Whether it is the selected row. */
  isChosen: boolean;
}

/** Begins a selected row; the terminal never gets it. */
const chosenMark = '\u0001';

/** Styles say nothing to those who listen, except which row is the selected one. Pictures have no words. */
export const readingTheme: Theme = {
  paint: (token, text) => (token === 'selected' ? chosenMark + text : text),
  picture: () => '',
};

/** Rules, gauges, Braille, and the marks of states that have their word beside them. */
const drawn = /[\u2500-\u257f\u2580-\u259f\u2800-\u28ff●○◆◇■□]/g;

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

/** Those of `lines` that say something. */
export function spokenLines(lines: readonly string[]): SpokenLine[] {
  return lines.flatMap((line) => {
    const text = wordsOf(unpainted(line).replaceAll(chosenMark, ''));
    return text === '' ? [] : [{ text, isChosen: line.includes(chosenMark) }];
  });
}

/** `line` without what is only drawn. */
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
