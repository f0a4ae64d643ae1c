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
  /** the time that is looked at, on the daemon's clock; null: now */
  moment: number | null;
}

export interface WithOverview extends CommonState {
  overview: OverviewState;
}

export const firstOverview: OverviewState = {
  isHour: false,
  page: 0,
  selected: null,
  moment: null,
};

export function turnSpan(overview: OverviewState): OverviewState {
  return { ...overview, isHour: !overview.isHour, moment: null };
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

/** Looks at a time so many buckets later, within what the charts show; after the last one comes now. */
export function moveMoment(state: WithOverview, buckets: number): OverviewState {
  const { overview, data } = state;
  if (data === null) return overview;
  const { window, samples } = chartedSpan(overview, data);
  const last = samples.at(-1)?.at ?? 0;
  const stepMs = window.bucketSeconds * 1_000;
  const first = Math.max(samples[0]?.at ?? 0, last - window.seconds * 1_000 + stepMs);
  const moment = Math.max(first, (overview.moment ?? last) + buckets * stepMs);
  return { ...overview, moment: moment >= last ? null : moment };
}

/** The events up to the time that is looked at, newest first. */
export function shownActivity({ moment }: OverviewState, data: DaemonData): readonly Activity[] {
  const { lines } = data.calmActivity;
  return moment === null ? lines : data.activity.filter(({ at }) => at <= moment);
}

/** The event that is selected, while it is known. */
export function selectedActivity(state: WithOverview): Activity | null {
  return eventsIn(state).find(({ seq }) => seq === state.overview.selected) ?? null;
}

/** Rows that a screen of events moves by: more than a low window shows, fewer than a high one. */
const screenRows = 10;

/** The first step selects the newest event, up from there none. */
export function moveActivity(state: WithOverview, move: ListMove): OverviewState {
  const events = eventsIn(state);
  const cursor = events.findIndex(({ seq }) => seq === state.overview.selected);
  const isAbove = 'by' in move ? move.by : 'pages' in move ? move.pages : 0;
  if (events.length === 0 || (cursor <= 0 && isAbove < 0))
    return { ...state.overview, selected: null };
  const from = { top: 0, cursor: Math.max(0, cursor) };
  const isFirst = cursor < 0 && 'by' in move;
  const to = isFirst ? from : moved(from, move, { rows: events.length, viewport: screenRows });
  return { ...state.overview, selected: events[to.cursor]?.seq ?? null };
}

function eventsIn({ data, overview }: WithOverview): readonly Activity[] {
  return data === null ? [] : shownActivity(overview, data);
}
