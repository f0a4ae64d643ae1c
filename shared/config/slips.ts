// How many typing mistakes apart two words are.

/** Words that differ by more edits than this are different words, not slips. */
export const maxSlips = 2;

/**
 * Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b` (optimal
 * string alignment distance); Infinity when the lengths alone make it more than `maxSlips`.
 */
export function slipsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxSlips) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2][j - 2] + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
