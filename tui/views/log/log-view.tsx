// The Log view: what the name server says, newest at the bottom. An entry is its time, its level, which is a word, so that it
// does not need its colour, then message and fields.
import type { ReactElement } from 'react';
import type { LogLine } from '../../../shared/output/log-line.ts';
import { useSelected } from '../../components/following.ts';
import { Blank, Rows, Styled, Summary, Waiting } from '../../components/styled.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { lateAfterMs } from '../../state/shown.ts';
import { fitted, noMatchText, safe } from '../../text/columns.ts';
import { ago, count, counted, type Zone } from '../../text/format.ts';
import { levelColumns, levelText } from '../../text/log-line.ts';
import type { TextPart } from '../../theme.ts';
import { logShape, logWindow } from './log-scroll.ts';
import type { LogEntry, LogState, WithLog } from './log-state.ts';
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

export function LogView(): ReactElement {
  const level = useSelected(({ data }) => data?.status.log.level ?? null);
  const isLoaded = useSelected(({ log }: WithLog) => log.source !== null);
  if (level === null) return <Waiting />;
  return (
    <>
      <Blank />
      {isLoaded ? <Logged level={level} /> : <Styled as="label">loading the log …</Styled>}
    </>
  );
}

/** @param props.level in force at the name server */
function Logged({ level }: { level: string }): ReactElement {
  const log = useSelected((state: WithLog) => state.log);
  const shape = useSelected(logShape);
  const { entries, blankRows, newer } = useSelected(logWindow);
  const hint = emptyText(log, level);
  const zone = useSelected(zoneOf);
  return (
    <>
      <LogSummary {...{ log, newer }} />
      <Styled as="label">{levelsText(log, level)}</Styled>
      {hint === null ? <EntryTitles {...{ shape, zone }} /> : <Blank />}
      <Rows rows={new Array(blankRows).fill([])} />
      {entries.map((entry) => (
        <Entry key={entry.key} filter={log.filter} {...{ entry, shape, zone }} />
      ))}
      {hint !== null && <Styled as="label">{hint}</Styled>}
    </>
  );
}

interface LogSummaryProps {
  log: LogState;
  /** how many newer lines are below the screen */
  newer: number;
}

function LogSummary({ log, newer }: LogSummaryProps): ReactElement {
  const all = linesIn(log.entries);
  const shown = linesIn(log.shown);
  const behind = useSelected(behindText);
  const isPaused = useSelected(({ paused }) => paused !== null);
  const followed = behind ?? (isPaused ? 'paused' : 'following');
  const position = log.anchor === null ? followed : `${count(newer)} newer below; End to follow`;
  return (
    <Summary
      text={shown === all ? counted(all, 'line') : `${count(shown)} of ${counted(all, 'line')}`}
      right={shown === 0 ? '' : position}
      rightAs={log.anchor === null && behind === null ? 'label' : 'warn'}
      filter={log.filter}
    />
  );
}

function linesIn(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { kind }) => sum + (kind === 'line' ? 1 : 0), 0);
}

/** That lines are missing for longer than it takes to bring them; null: they are not. */
function behindText({ log, data, now }: WithLog): string | null {
  const behind = (data?.status.log.lines ?? 0) - log.last;
  const age = log.readAt === null ? 0 : now - log.readAt;
  return behind <= 0 || age < lateAfterMs
    ? null
    : `as of ${ago(age)}, ${counted(behind, 'line')} behind`;
}

/** What is shown of what there is; a level that is not logged is nowhere. */
function levelsText({ level: shown }: LogState, level: string): string {
  const logged = level === 'trace' ? 'everything' : `${safe(level, 16)} and above`;
  const showing = shown === 'trace' ? 'all levels' : `${shown} and above`;
  return `${showing} shown; the server logs ${logged}`;
}

/** Why no line is shown; null when one is. */
function emptyText(log: LogState, inForce: string): string | null {
  if (linesIn(log.shown) > 0) return null;
  if (linesIn(log.entries) === 0)
    return `nothing logged at ${safe(inForce, 16)} or above since start`;
  const level = log.level === 'trace' ? 'line' : `line at ${log.level} or above`;
  return log.filter === '' ? `no ${level}; L changes the level` : noMatchText(level, log.filter);
}

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
}: Omit<EntryProps, 'entry'> & { line: LogLine }): ReactElement {
  const head: TextPart[] = [
    [timeText(line.at, shape, zone), 'label'],
    [gapText, null],
    [levelText(line.level), toneOf(line.level)],
    [gapText, null],
  ];
  const indent: TextPart[] = [[' '.repeat(headColumns(shape)), null]];
  const rows = lineParts(line, filter, shape);
  return <Rows rows={rows.map((parts, row) => [...(row === 0 ? head : indent), ...parts])} />;
}

function EntryTitles({ shape, zone }: Pick<EntryProps, 'shape' | 'zone'>): ReactElement {
  const columns = timeColumns(shape);
  const title = columns > zone.name.length + 6 ? `time, ${zone.name}` : zone.name;
  return (
    <Styled as="label">
      {[fitted(title, columns), fitted('level', levelColumns), 'message'].join(gapText)}
    </Styled>
  );
}
