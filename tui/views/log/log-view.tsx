// The Log view: what the name server says, newest at the bottom.

import type { ReactElement } from 'react';
import { atEnds, bodyColumns } from '../../components/layout.ts';
import { Lines, useTheme, WaitingLines } from '../../components/lines.tsx';
import { lateAfterMs } from '../../state/shown.ts';
import { cut, safe } from '../../text/columns.ts';
import { filterText, noMatchText } from '../../text/filter.ts';
import { ago, count, counted } from '../../text/format.ts';
import type { Theme } from '../../theme.ts';
import { type LogWindow, logShape, logWindow } from './log-scroll.ts';
import { type LogEntry, type LogState, linesBehind, type WithLog } from './log-state.ts';
import { entryRows } from './log-text.ts';

export function LogView({ state }: { state: WithLog }): ReactElement {
  const theme = useTheme();
  const width = bodyColumns(state);
  if (state.data === null) return <WaitingLines width={width} />;
  return <Lines lines={logLines(theme, state, state.data.status.log.level)} width={width} />;
}

/** @param level in force at the name server */
export function logLines(theme: Theme, state: WithLog, level: string): string[] {
  const { log } = state;
  const shape = logShape(state);
  const { width } = shape;
  if (log.source === null) return ['', theme.paint('label', 'loading the log …')];
  const window = logWindow(state);
  const rows = window.entries.flatMap((entry) => entryRows(theme, entry, log, shape));
  const hint = emptyText(log, level);
  return [
    '',
    summaryLine(theme, state, window, width),
    theme.paint('label', cut(levelsText(log, level), width)),
    '',
    ...Array.from({ length: window.blankRows }, () => ''),
    ...rows,
    ...(hint === null ? [] : [theme.paint('label', cut(hint, width))]),
  ];
}

function linesIn(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { kind }) => sum + (kind === 'line' ? 1 : 0), 0);
}

function summaryLine(theme: Theme, state: WithLog, { newer }: LogWindow, width: number): string {
  const { log, paused } = state;
  const all = linesIn(log.entries);
  const shown = linesIn(log.shown);
  const summary =
    shown === all ? counted(all, 'line') : `${count(shown)} of ${counted(all, 'line')}`;
  const behind = behindText(state);
  const isFollowing = log.anchor === null && behind === null;
  const followed = behind ?? (paused === null ? 'following' : 'paused');
  const position = log.anchor === null ? followed : `${count(newer)} newer below; End to follow`;
  return atEnds(
    theme.paint('strong', summary) + filterText(theme, log.filter, width),
    shown === 0 ? '' : theme.paint(isFollowing ? 'label' : 'warn', position),
    width,
  );
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
