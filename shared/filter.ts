// A filter as an operator types it, the same in every view and every printed list: words that must all occur, in any
// order and case; `!word` must not occur.

/** One word of a filter. */
export interface FilterWord {
  /** in lower case, never empty */
  text: string;
  isExcluded: boolean;
}

/** The words of a filter. */
export function filterWords(text: string): FilterWord[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((part) => ({ text: part.replace(/^!/, ''), isExcluded: part.startsWith('!') }))
    .filter((word) => word.text !== '');
}

/** Whether a row passes: every word occurs in one of its `cells`, every excluded word in none. */
export function matchesFilter(words: readonly FilterWord[], cells: readonly string[]): boolean {
  const shown = cells.map((cell) => cell.toLowerCase());
  return words.every(
    ({ text, isExcluded }) => shown.some((cell) => cell.includes(text)) !== isExcluded,
  );
}
