// An entry of the log on the screen: time, level, then message and fields. The level is a word, so that it does not need
// its colour.
import type { ReactElement } from 'react';
import type { LogLine } from '../../../shared/output/log-line.ts';
import { Styled } from '../../components/styled.tsx';
import { fitted } from '../../text/columns.ts';
import type { Zone } from '../../text/format.ts';
import { levelColumns, levelText } from '../../text/log-line.ts';
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
  const indent = ' '.repeat(headColumns(shape));
  return lineParts(line, filter, shape).map((parts, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands in its place
    <Styled key={row}>
      {row === 0 ? <LineHead line={line} time={timeText(line.at, shape, zone)} /> : indent}
      {parts.map(([text, tone], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: likewise
        <Styled key={index} as={tone}>
          {text}
        </Styled>
      ))}
    </Styled>
  ));
}

function LineHead({ line: { level }, time }: { line: LogLine; time: string }): ReactElement {
  return (
    <>
      <Styled as="label">{time}</Styled>
      {gapText}
      <Styled as={toneOf(level)}>{levelText(level)}</Styled>
      {gapText}
    </>
  );
}

/** The titles of the columns; that of the times is their zone. */
export function EntryTitles({ shape, zone }: Pick<EntryProps, 'shape' | 'zone'>): ReactElement {
  const columns = timeColumns(shape);
  const title = columns > zone.name.length + 6 ? `time, ${zone.name}` : zone.name;
  return (
    <Styled as="label">
      {[fitted(title, columns), fitted('level', levelColumns), 'message'].join(gapText)}
    </Styled>
  );
}
