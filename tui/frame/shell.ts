// The banner says what must not be overlooked: that data are old, how old and why, or that every node is redirected.
import type { Redirecting } from '../../shared/ipc/status-contract.ts';
import { minSize } from '../components/layout.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { daemonNow } from '../state/daemon-data.ts';
import { type ConsoleConnection, clockOf, dataAge, isSilent, latestData } from '../state/shown.ts';
import { columnsOf, cut, fitted, safe, wrap } from '../text/columns.ts';
import { counted, durationText } from '../text/format.ts';
import { isByHand, isRedirectingAll, redirectingText } from '../text/redirecting.ts';
import type { Theme } from '../theme.ts';

/** Shown instead of everything else in a window that is too small. */
export function tooSmallLines(_theme: Theme, { size }: ConsoleState): string[] {
  const { columns, rows } = size;
  const text = `Window too small: ${columns}×${rows}, needs ${minSize.columns}×${minSize.rows}. q quits.`;
  return wrap(text, columns, rows);
}

/** As many lines as `bannerRows` of the layout. */
export function bannerLines(theme: Theme, state: ConsoleState): string[] {
  const { connection, readOnly } = state;
  const data = latestData(state);
  const now = clockOf(state);
  const width = state.size.columns;
  const age = dataAge(state);
  const texts: string[] = [];
  if (connection.phase === 'lost') texts.push(bannerText(connection, age, now, width));
  if (isSilent(state)) texts.push(silentBanner(age, width));
  if (data !== null && isRedirectingAll(data.status.redirecting)) {
    const { redirecting } = data.status;
    texts.push(redirectingBanner(redirecting, daemonNow(data, now), readOnly, width));
  }
  return texts.map((text) => theme.paint('banner', fitted(text, width)));
}

/** For a lost connection: the age of the data, failed attempts, the next one, and why. @param age of the data in ms */
export function bannerText(
  connection: ConsoleConnection & { phase: 'lost' },
  age: number,
  now: number,
  width: number,
): string {
  const { attempts, nextAt, reason } = connection;
  const tried = attempts === 0 ? '' : `, ${counted(attempts, 'attempt')} failed`;
  const seconds = nextAt === null ? 0 : Math.ceil((nextAt - now) / 1000);
  const next = nextAt === null || seconds <= 0 ? 'trying now' : `next in ${seconds} s`;
  const text = ` Disconnected; data is ${durationText(age)} old${tried}, ${next}.`;
  return cut(`${text} ${safe(reason, 300)}`, width - 1);
}

/** For a connection that stands while the daemon sends nothing. @param age of the data in ms */
export function silentBanner(age: number, width: number): string {
  return cut(
    ` No update from the name server for ${durationText(age)}: it is stopped or overloaded.`,
    width - 1,
  );
}

/** For a drain. @param now the daemon's clock */
export function redirectingBanner(
  redirecting: Redirecting,
  now: number,
  readOnly: boolean,
  width: number,
): string {
  const what = redirectingText(redirecting);
  const since = durationText(now - redirecting.since);
  const text = ` ${what.charAt(0).toUpperCase()}${what.slice(1)} (${since}).`;
  const hint = ' End: keys 4 u.';
  const offersEnd = isByHand(redirecting) && !readOnly;
  return offersEnd && columnsOf(text + hint) < width ? text + hint : cut(text, width - 1);
}
