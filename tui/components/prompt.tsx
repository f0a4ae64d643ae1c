// A line in which the operator types: what is asked, the text, and the caret, which is always in sight. Its state is a
// `TextField`, its keys are those of the scope `prompt`.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import { aroundCaret, type TextField } from '../state/text-field.ts';
import { columnsOf, cut, safe } from '../text/columns.ts';
import type { TextPart, Token } from '../theme.ts';
import { Parts, ReadContext } from './styled.tsx';

interface PromptProps {
  field: TextField;
  /** columns for all of it */
  width: number;
  /** before the text; nothing by default */
  label?: string;
  /** `accent` by default */
  labelAs?: Token;
  /** plain by default */
  textAs?: Token | null;
  /** shows asterisks; false by default */
  isHidden?: boolean;
}

/** Columns that a label leaves for the text. */
const minTextColumns = 8;

/** Nothing for a screen reader, which is told the question by itself. */
export function Prompt(props: PromptProps): ReactElement | null {
  const { field, width, label = '', labelAs = 'accent', textAs = null, isHidden = false } = props;
  if (useContext(ReadContext)) return null;
  const asked = cut(label, width - minTextColumns);
  const [before, under, after] = aroundInSight(field, width - columnsOf(asked), isHidden);
  const caret: TextPart = under === null ? ['█'] : [under, 'selected'];
  return (
    <Box width={width} flexShrink={0}>
      <Parts parts={[[asked, labelAs], [before, textAs], caret, [after, textAs]]} />
    </Box>
  );
}

/** The part of the text that has room, with the caret: before, under and after it. @returns null under a caret at the end */
export function aroundInSight(
  field: TextField,
  width: number,
  isHidden = false,
): [before: string, under: string | null, after: string] {
  const shown = (each: string) => (isHidden ? '*' : safe(each, 400));
  const [before, after] = aroundCaret(field).map((side) => side.map(shown)) as [string[], string[]];
  const [under, ...rest] = after;
  let room = width - columnsOf(under ?? '█');
  const left: string[] = [];
  for (const each of before.toReversed()) {
    if (columnsOf(each) > room) break;
    left.unshift(each);
    room -= columnsOf(each);
  }
  return [left.join(''), under ?? null, cut(rest.join(''), room)];
}
