// The help: all keys, from the list of bindings, instead of the view; those of the view first, and of all those that have
// the words typed.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useSelected } from '../components/following.ts';
import { bodyColumns, bodyRows } from '../components/layout.ts';
import { List, type ListCell } from '../components/list.tsx';
import { Prompt } from '../components/prompt.tsx';
import { Styled } from '../components/styled.tsx';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type HelpRow, helpPage } from '../console/help.ts';
import { safe } from '../text/columns.ts';

/** Columns between two groups. */
const gap = 4;
const keyColumns = 16;

export function Help(): ReactElement | null {
  const state = useSelected((all: ConsoleState) => all);
  if (state.prompt?.kind !== 'help') return null;
  const { columns } = helpPage(bindings, state);
  const width = bodyColumns(state);
  const each = Math.floor((width - gap * (columns.length - 1)) / columns.length);
  const isFound = columns.some(({ length }) => length > 0);
  return (
    <Box flexDirection="column" height={bodyRows(state)}>
      <Prompt field={state.prompt} label="find a key: " width={width} />
      {!isFound && <Styled as="warn">{`no key has ${safe(state.prompt.text)}`}</Styled>}
      <Box columnGap={gap}>
        {columns.map((rows, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is what stands in its place
          <List key={index} rows={rows} width={each} cells={cellsOf} />
        ))}
      </Box>
    </Box>
  );
}

function cellsOf(row: HelpRow): ListCell[] {
  if (row === null) return [{ text: '' }];
  if (typeof row === 'string') return [{ text: row, as: 'title' }];
  return [{ text: `  ${row.shown}`, as: 'accent', columns: keyColumns }, { text: row.help }];
}
