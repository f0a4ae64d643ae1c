// A row of figures as a small chart in one line of text. Pure.

/** From low to high; a whole block would be taken for a caret where there is only ASCII. */
const levels = '▁▂▃▄▅▆▇';

/** The latest of the values, one a column, in proportion to the highest of them; blank where one is not known. */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const shown = values.slice(-columns);
  const highest = Math.max(...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const level = highest === 0 ? 0 : Math.round((value / highest) * (levels.length - 1));
      return levels[level] ?? ' ';
    })
    .join('');
}
