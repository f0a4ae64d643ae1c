// Rows without titles, such as those of the palette and of the help: cells in columns, one row perhaps selected.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { fitted } from '../text/columns.ts';
import type { TextPart, Token } from '../theme.ts';
import { Rows } from './styled.tsx';

/** The last cell of a row takes what is left. */
export interface ListCell {
  text: string;
  /** plain by default */
  as?: Token | null;
  columns?: number;
}

interface ListProps<Row> {
  rows: readonly Row[];
  width: number;
  /** those that are selected have no styles of their own; none by default */
  isSelected?(row: Row): boolean;
  cells(row: Row): readonly ListCell[];
}

export function List<Row>({ rows, width, isSelected, cells }: ListProps<Row>): ReactElement {
  return (
    <Box flexDirection="column" flexShrink={0} width={width}>
      <Rows
        rows={rows.map((row) => {
          const tone = isSelected?.(row) ? 'selected' : undefined;
          let room = width;
          return cells(row).map(({ text, as, columns = room }): TextPart => {
            room -= columns;
            return [fitted(text, columns), tone ?? as];
          });
        })}
      />
    </Box>
  );
}
