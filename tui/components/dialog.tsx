// The question before an action that one key must not perform: what it is, what it hits, and what follows from it. The word
// that confirms it is typed into the prompt below.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import { columnsOf, cut } from '../text/columns.ts';
import { count } from '../text/format.ts';
import { wrap } from '../text/wrap.ts';
import type { TextPart } from '../theme.ts';
import { Paragraph, Parts, ReadContext, Styled } from './styled.tsx';

interface DialogProps {
  /** the action as a question */
  title: string;
  /** what the title begins with, set off in that colour; nothing by default */
  badge?: TextPart;
  /** what follows from it */
  outcome: string;
  /** what it hits, one a line; nothing by default */
  hits?: readonly string[];
  width: number;
  /** lines that it may take; the last hits give way */
  rows: number;
}

const maxOutcomeLines = 2;

export function dialogRows({ outcome, hits = [], width }: Omit<DialogProps, 'rows'>): number {
  return 1 + hits.length + wrap(outcome, width, maxOutcomeLines).length;
}

/** Nothing for a screen reader, which is told the question by itself. */
export function Dialog(props: DialogProps): ReactElement | null {
  const { title, badge = [''], outcome, hits = [], width, rows } = props;
  if (useContext(ReadContext)) return null;
  const said = wrap(outcome, width, maxOutcomeLines);
  const room = Math.max(0, rows - 1 - said.length);
  const shown = hits.length > room ? hits.slice(0, Math.max(0, room - 1)) : hits;
  const rest = hits.length - shown.length;
  return (
    <Box flexDirection="column" flexShrink={0} height={rows} overflowY="hidden">
      <TitleRule {...{ title, badge, width }} />
      <Paragraph lines={shown.map((hit) => cut(`  ${hit}`, width))} />
      {rest > 0 && room > 0 && <Styled as="label">{`  and ${count(rest)} more`}</Styled>}
      <Paragraph lines={said} as="label" />
    </Box>
  );
}

function TitleRule({
  title,
  badge,
  width,
}: Pick<Required<DialogProps>, 'title' | 'badge' | 'width'>): ReactElement {
  const text = cut(title, width - columnsOf(badge[0]) - 2);
  const rule = '─'.repeat(Math.max(0, width - columnsOf(badge[0] + text) - 1));
  return <Parts parts={[badge, [text, 'bad'], [' '], [rule, 'rule']]} />;
}
