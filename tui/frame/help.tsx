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
import {
  type HelpPage,
  type HelpRow,
  helpGap,
  helpKeyColumns,
  helpPage,
  helpRows,
} from '../console/help.ts';
import { columnsOf, safe } from '../text/columns.ts';
import { count } from '../text/format.ts';

export function Help(): ReactElement | null {
  const { prompt, page, width, height, shown } = useSelected((state: ConsoleState) => ({
    prompt: state.prompt,
    page: helpPage(bindings, state),
    width: bodyColumns(state),
    height: bodyRows(state),
    shown: helpRows(state),
  }));
  if (prompt?.kind !== 'help') return null;
  const isFound = page.columns.some(({ length }) => length > 0);
  const place = placeText(page, shown);
  const promptColumns = width - columnsOf(place);
  return (
    <Box flexDirection="column" height={height}>
      <Box>
        <Prompt field={prompt} label="find a key: " width={promptColumns} />
        <Styled as="label">{place}</Styled>
      </Box>
      {!isFound && <Styled as="warn">{`no key has ${safe(prompt.text)}`}</Styled>}
      <Box columnGap={helpGap}>
        {page.columns.map((rows, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is what stands in its place
          <List key={index} rows={rows} width={page.width} cells={cellsOf} />
        ))}
      </Box>
    </Box>
  );
}

/** Which of its lines are in sight; empty: all of them. */
function placeText({ top, lowest }: HelpPage, shown: number): string {
  if (lowest === 0) return '';
  return `lines ${count(top + 1)} to ${count(top + shown)} of ${count(lowest + shown)}`;
}

function cellsOf(row: HelpRow): ListCell[] {
  if (row === null) return [{ text: '' }];
  if (typeof row === 'string') return [{ text: row, as: 'title' }];
  return [{ text: `  ${row.shown}`, as: 'accent', columns: helpKeyColumns }, { text: row.help }];
}
