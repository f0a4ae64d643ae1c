// The Log view: what the name server says, newest at the bottom.
import type { ReactElement } from 'react';
import { useSelected } from '../../components/following.ts';
import { Blank, Styled, Summary, Waiting } from '../../components/styled.tsx';
import { zoneOf } from '../../state/common-state.ts';
import { lateAfterMs } from '../../state/shown.ts';
import { safe } from '../../text/columns.ts';
import { noMatchText } from '../../text/filter.ts';
import { ago, count, counted } from '../../text/format.ts';
import { Entry, EntryTitles } from './log-entry.tsx';
import { logShape, logWindow } from './log-scroll.ts';
import { type LogEntry, type LogState, linesBehind, type WithLog } from './log-state.ts';

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
      {Array.from({ length: blankRows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one is like the other
        <Blank key={row} />
      ))}
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
  const behind = linesBehind(log, data?.status.log.lines ?? 0);
  const age = log.readAt === null ? 0 : now - log.readAt;
  return behind === 0 || age < lateAfterMs
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
