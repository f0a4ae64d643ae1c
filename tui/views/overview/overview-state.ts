// What the operator chose to see of the Overview: charts of the last minutes or of the last hour, and
// which of them where not all fit.
import { type ChartWindow, oneHour, windowFor } from '../../charts/series.ts';
import type { CommonState } from '../../state/common-state.ts';
import type { DaemonData } from '../../state/daemon-data.ts';

export interface OverviewState {
  isHour: boolean;
  /** of the charts, where not all fit; a window with fewer pages begins them again */
  page: number;
}

/** What the view reads of the console. */
export interface WithOverview extends CommonState {
  overview: OverviewState;
}

export type OverviewAction = {
  type: 'overview';
  change: (overview: OverviewState) => OverviewState;
};

export const firstOverview: OverviewState = { isHour: false, page: 0 };

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
