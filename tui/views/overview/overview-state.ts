// What the operator chose to see of the Overview: charts of the last minutes or of the last hour, and
// which of them where not all fit.
import type { Activity } from '../../../shared/ipc/status-contract.ts';
import { type ChartWindow, oneHour, windowFor } from '../../charts/series.ts';
import type { CommonState } from '../../state/common-state.ts';
import type { DaemonData } from '../../state/daemon-data.ts';
import { type ListMove, moved } from '../../state/list-position.ts';

export interface OverviewState {
  isHour: boolean;
  /** of the charts, where not all fit; a window with fewer pages begins them again */
  page: number;
  /** number of the selected event; null: none is */
  selected: number | null;
}

/** What the view reads of the console. */
export interface WithOverview extends CommonState {
  overview: OverviewState;
}

export type OverviewAction =
  | { type: 'overview'; change: (overview: OverviewState) => OverviewState }
  | { type: 'activity-move'; move: ListMove };

export const firstOverview: OverviewState = { isHour: false, page: 0, selected: null };

export function turnSpan(overview: OverviewState): OverviewState {
  return { ...overview, isHour: !overview.isHour };
}

/** To the next of `pages`; after the last one comes the first. */
export function turnPage(overview: OverviewState, pages: number): OverviewState {
  return { ...overview, page: (overview.page + 1) % pages };
}

/** What the charts show, and the samples for it. */
export function chartedSpan(
  { isHour }: OverviewState,
  { samples, hourSamples }: DaemonData,
): { window: ChartWindow; samples: DaemonData['samples'] } {
  return isHour
    ? { window: oneHour, samples: hourSamples }
    : { window: windowFor(samples), samples };
}

/** The event that is selected, while it is known. */
export function selectedActivity({ data, overview }: WithOverview): Activity | null {
  return eventsIn(data).find(({ seq }) => seq === overview.selected) ?? null;
}

/** Rows that a screen of events moves by: more than a low window shows, fewer than a high one. */
const screenRows = 10;

/** The first step selects the newest event, up from there none. */
export function moveActivity(state: WithOverview, move: ListMove): OverviewState {
  const events = eventsIn(state.data);
  const cursor = events.findIndex(({ seq }) => seq === state.overview.selected);
  const isAbove = 'by' in move ? move.by : 'pages' in move ? move.pages : 0;
  if (events.length === 0 || (cursor <= 0 && isAbove < 0))
    return { ...state.overview, selected: null };
  const from = { top: 0, cursor: Math.max(0, cursor) };
  const isFirst = cursor < 0 && 'by' in move;
  const to = isFirst ? from : moved(from, move, { rows: events.length, viewport: screenRows });
  return { ...state.overview, selected: events[to.cursor]?.seq ?? null };
}

function eventsIn(data: DaemonData | null): readonly Activity[] {
  return data?.calmActivity.lines ?? [];
}
