// A table: which of its columns a window has room for, their titles, the cells of a row, and the aside that
// describes the selected row: beside the table in a wide window, under it in a narrow one.
import { Box } from 'ink';
import { Fragment, type ReactElement, type ReactNode, useContext } from 'react';
import { fitted } from '../text/columns.ts';
import { foundBy, foundParts } from '../text/found.ts';
import type { TextPart, Token } from '../theme.ts';
import { type AsideLayout, sideGap } from './layout.ts';
import { Blank, Parts, ReadContext, Styled, WidthContext } from './styled.tsx';
import { columnsWithin, gap, type TableColumn } from './table-columns.ts';

interface TableProps<Row, Name extends string> {
  /** all of them; those are shown that the pane has room for */
  columns: readonly TableColumn<Row, Name>[];
  /** names of those that the operator wants; all by default */
  chosen?: readonly Name[];
  /** those on the screen, from the top; null: not known yet */
  rows: readonly (Row | null)[];
  /** index of the selected one among them, which has no colours of its own; null: none is */
  selected: number | null;
  /** the style of a whole row; by default each cell has its own */
  rowTone?(row: Row): Token | null;
  /** what stands in the place of a row, such as a value that is typed; null: the row itself */
  instead?(row: Row): ReactElement | null;
  /** words are set off that the filter finds in a cell; empty by default */
  filter?: string;
  /** two characters before a row, and their style; by default there is nothing */
  gutter?(row: Row): readonly [text: string, tone: Token | null];
}

const gapText = ' '.repeat(gap);
const arrows = { ascending: '▲', descending: '▼' } as const;

export function Table<Row, Name extends string>(props: TableProps<Row, Name>): ReactElement {
  const { chosen, rows, selected, rowTone, instead, gutter, filter = '' } = props;
  const found = foundBy(filter);
  const indent = gutter ? gapText : '';
  const columns = columnsWithin(props.columns, useContext(WidthContext) - indent.length, chosen);
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Parts
        parts={[
          [indent],
          ...between(
            columns.map(({ name, title = name, width: columnWidth, align, sorted }) => [
              [
                fitted(sorted ? `${title} ${arrows[sorted]}` : title, columnWidth, align),
                sorted ? 'strong' : 'label',
              ],
            ]),
          ),
        ]}
      />
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: another page is other text in the same lines, which takes half the time
        <Fragment key={index}>
          {row === null ? (
            <Styled as="label">…</Styled>
          ) : (
            (instead?.(row) ?? (
              <TableRow
                columns={columns}
                row={row}
                as={index === selected ? 'selected' : (rowTone?.(row) ?? null)}
                gutter={gutter?.(row) ?? ['', null]}
                found={found}
              />
            ))
          )}
        </Fragment>
      ))}
    </Box>
  );
}

/** @param props.as of the whole row; null: each cell has its own style */
function TableRow<Row>({
  columns,
  row,
  as,
  gutter: [sign, signTone],
  found,
}: {
  columns: readonly TableColumn<Row>[];
  row: Row;
  as: Token | null;
  gutter: readonly [text: string, tone: Token | null];
  found: RegExp | null;
}): ReactElement {
  const width = useContext(WidthContext);
  const cells = columns.map(({ width: columnWidth, align, cell }) =>
    fitted(cell(row, columnWidth), columnWidth, align),
  );
  if (as !== null) {
    const line = sign + cells.join(gapText);
    return <Styled as={as}>{as === 'selected' ? fitted(line, width) : line}</Styled>;
  }
  const parts = columns.map(({ tone }, index) =>
    foundParts(cells[index] ?? '', tone?.(row) ?? null, found),
  );
  return <Parts parts={[[sign, signTone], ...between(parts)]} />;
}

function between(columns: readonly (readonly TextPart[])[]): TextPart[] {
  return columns.flatMap((parts, index) => (index === 0 ? parts : [[gapText] as const, ...parts]));
}

interface TableAndAsideProps {
  layout: AsideLayout;
  /** the table, and what stands over it */
  children: ReactNode;
  /** what describes the selected row; null: there is nothing to describe */
  aside: ReactNode;
}

export function TableAndAside({ layout, children, aside }: TableAndAsideProps): ReactElement {
  const { headRows, tableColumns, tableRows, place, asideColumns, asideRows } = layout;
  const isSide = place === 'side';
  const isRead = useContext(ReadContext);
  const hasAside = aside !== null && asideRows > 0;
  if (hasAside && place === 'alone')
    return (
      <Box flexDirection="column" height={asideRows} overflowY="hidden">
        <Box flexDirection="column" flexShrink={0}>
          <WidthContext value={asideColumns}>{aside}</WidthContext>
        </Box>
      </Box>
    );
  return (
    <Box flexDirection={isSide ? 'row' : 'column'} columnGap={sideGap}>
      <Box
        flexDirection="column"
        width={isRead ? undefined : tableColumns}
        height={hasAside && !isSide ? headRows + tableRows : undefined}
        flexShrink={0}
      >
        <WidthContext value={tableColumns}>{children}</WidthContext>
      </Box>
      {hasAside && (
        <Box
          flexDirection="column"
          width={asideColumns}
          height={isSide ? asideRows + 1 : asideRows}
          overflowY="hidden"
        >
          {/* What has no room is cut off, not pushed together. */}
          <Box flexDirection="column" flexShrink={0}>
            {isSide ? <Blank /> : <Styled as="rule">{'─'.repeat(asideColumns)}</Styled>}
            <WidthContext value={asideColumns}>{aside}</WidthContext>
          </Box>
        </Box>
      )}
    </Box>
  );
}
