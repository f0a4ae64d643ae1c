// An entry of the log on the screen: time, level, then message and fields. The level is a word, so that it does not need
// its colour.
import type { ReactElement } from 'react';
import type { LogLine } from '../../../shared/output/log-line.ts';
import { Parts, Styled } from '../../components/styled.tsx';
import { fitted } from '../../text/columns.ts';
import type { Zone } from '../../text/format.ts';
import { levelColumns, levelText } from '../../text/log-line.ts';
import type { TextPart } from '../../theme.ts';
import type { LogEntry } from './log-state.ts';
import {
  type EntryShape,
  gap,
  headColumns,
  lineParts,
  markText,
  timeColumns,
  timeText,
  toneOf,
} from './log-text.ts';

interface EntryProps {
  entry: LogEntry;
  /** emphasised where it is found; empty: nothing is */
  filter: string;
  shape: EntryShape;
  /** of its time */
  zone: Zone;
}

const gapText = ' '.repeat(gap);

/** As many rows as `entryHeight` says. */
export function Entry({ entry, ...how }: EntryProps): ReactElement {
  return entry.kind === 'line' ? (
    <Line line={entry.line} {...how} />
  ) : (
    <Styled as="label">{markText(entry)}</Styled>
  );
}

function Line({
  line,
  filter,
  shape,
  zone,
}: Omit<EntryProps, 'entry'> & { line: LogLine }): ReactElement[] {
  const head: TextPart[] = [
    [timeText(line.at, shape, zone), 'label'],
    [gapText, null],
    [levelText(line.level), toneOf(line.level)],
    [gapText, null],
  ];
  const indent: TextPart[] = [[' '.repeat(headColumns(shape)), null]];
  return lineParts(line, filter, shape).map((parts, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands in its place
    <Parts key={row} parts={[...(row === 0 ? head : indent), ...parts]} />
  ));
}

export function EntryTitles({ shape, zone }: Pick<EntryProps, 'shape' | 'zone'>): ReactElement {
  const columns = timeColumns(shape);
  const title = columns > zone.name.length + 6 ? `time, ${zone.name}` : zone.name;
  return (
    <Styled as="label">
      {[fitted(title, columns), fitted('level', levelColumns), 'message'].join(gapText)}
    </Styled>
  );
}
