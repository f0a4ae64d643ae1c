// The columns of a table: which of them a window has room for, and how much of it. Free of Ink, which a command that prints need not load.
import type { Align } from '../text/columns.ts';
import type { Token } from '../theme.ts';

/** A column that a table of `Row` may have. */
export interface TableColumn<Row, Name extends string = string> {
  name: Name;
  /** its name by default */
  title?: string;
  /** it has no less */
  width: number;
  /** of the room that is left it takes so much that it is as wide as this; `width` by default */
  most?: number;
  /** the column with the largest number is dropped first, and is the last to become wider */
  weight: number;
  align?: Align;
  cell(row: Row, width: number): string;
  /** the style of its cell; plain by default */
  tone?(row: Row): Token | null;
  /** the rows are in its order */
  sorted?: 'ascending' | 'descending' | null;
}

/** Blank columns between two columns of a table. */
export const gap = 2;

/**
 * The columns that fit, in their order, as wide as they become; the one that weighs least is kept whatever its width.
 * @param chosen names of those that are wanted, in that order: the last ones are dropped first
 */
export function columnsWithin<Row, Name extends string>(
  columns: readonly TableColumn<Row, Name>[],
  width: number,
  chosen?: readonly Name[],
): TableColumn<Row, Name>[] {
  const wanted =
    chosen?.flatMap((name, weight) =>
      columns.filter((each) => each.name === name).map((each) => ({ ...each, weight })),
    ) ?? columns;
  const kept: TableColumn<Row, Name>[] = [];
  let free = width + gap;
  for (const column of wanted.toSorted((a, b) => a.weight - b.weight)) {
    if (gap + column.width > free && kept.length > 0) break;
    kept.push(column);
    free -= gap + column.width;
  }
  const widths = new Map<Name, number>();
  for (const [index, { name, width: least, most = least, weight }] of kept.entries()) {
    // Those of one weight share the room.
    const sharing = kept.slice(index).filter((each) => each.weight === weight && each.most);
    const more = Math.max(
      0,
      Math.min(most - least, Math.floor(free / Math.max(1, sharing.length))),
    );
    widths.set(name, least + more);
    free -= more;
  }
  return wanted
    .filter(({ name }) => widths.has(name))
    .map((column) => ({ ...column, width: widths.get(column.name) ?? column.width }));
}
