// The charts of the Overview, and which of them are on the screen where not all of them fit.
import type { ChartSpec } from '../../charts/line-chart.tsx';

/** In the order of their weight. No two have the same phase. */
export const charts: readonly ChartSpec[] = [
  { member: 'registered', title: 'Registrations per second', colour: 'cyan', phase: 0 },
  { member: 'backlog', title: 'Backlog', colour: 'yellow', phase: 1 },
  { member: 'requests', title: 'Requests per second', colour: 'green', phase: 2 },
  { member: 'live', title: 'Live hosts', colour: 'magenta', phase: 3 },
  { member: 'expired', title: 'Expired per minute', colour: 'red', phase: 4 },
  { member: 'redirected', title: 'Redirects per minute', colour: 'blue', phase: 5 },
];

/** Pages of `shown` charts each. */
export function pagesOf(shown: number): number {
  return Math.ceil(charts.length / shown);
}

/** The last page is full, too: it repeats some of the one before. */
export function chartsOnPage(page: number, shown: number): readonly ChartSpec[] {
  const from = Math.max(0, Math.min(page * shown, charts.length - shown));
  return charts.slice(from, from + shown);
}
