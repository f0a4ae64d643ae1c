// A filter as an operator types it, the same in every view and for every printed list: words that must
// all occur, in any order and case; `!word` must not.
export interface FilterWord {
  /** in lower case, never empty */
  text: string;
  isExcluded: boolean;
}

export function filterWords(text: string): FilterWord[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((part) => ({ text: part.replace(/^!/, ''), isExcluded: part.startsWith('!') }))
    .filter((word) => word.text !== '');
}

/** Whether one row passes; `cells` are what it shows. No words let everything pass. */
export function matchesFilter(words: readonly FilterWord[], cells: readonly string[]): boolean {
  const shown = cells.map((cell) => cell.toLowerCase());
  return words.every(
    ({ text, isExcluded }) => shown.some((cell) => cell.includes(text)) !== isExcluded,
  );
}
