// Charts are drawn in Braille: two columns of four dots in each character. Where there is no Braille a
// sign stands for each of them that lies as high and slopes alike.

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
/** So many dots above each other stand upright. */
const uprightFrom = 3;

/** The sign for one character; null for what is no Braille. */
export function asciiOfBraille(character: string): string | null {
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
