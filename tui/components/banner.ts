// The banner says what must not be overlooked: that data are old, how old and why, or that every node is redirected.
// What it says is wrapped, never cut. While a time in it counts on, it keeps its number of lines.
import type { Status } from '../../shared/ipc/status-contract.ts';
import type { CommonState } from '../state/common-state.ts';
import { daemonNow } from '../state/daemon-data.ts';
import { type ConsoleConnection, clockOf, dataAge, isSilent, latestData } from '../state/shown.ts';
import { columnsOf, safe } from '../text/columns.ts';
import { counted, durationText } from '../text/format.ts';
import { isByHand, isRedirectingAll, redirectingText } from '../text/redirecting.ts';
import { wrap } from '../text/wrap.ts';

export function bannerTexts(state: CommonState): string[] {
  const { connection, readOnly, size } = state;
  const data = latestData(state);
  const now = clockOf(state);
  const width = size.columns;
  const age = dataAge(state);
  return [
    ...(connection.phase === 'lost'
      ? lostBanner(connection, data === null ? null : age, now, size)
      : []),
    ...(isSilent(state) ? silentBanner(age, width) : []),
    ...(data !== null && isRedirectingAll(data.status.redirecting)
      ? redirectingBanner(
          data.status,
          daemonNow(data, now),
          !readOnly && connection.phase !== 'lost',
          width,
        )
      : []),
  ];
}

/** Lines that a cause may take: as many as leave the view its part of the window. At 60 columns and 20 rows that is enough
 * for any that the console knows, with the longest path that a socket has. */
function causeLines(rows: number): number {
  return Math.max(3, Math.floor(rows / 3) - 1);
}

/** Columns that the words before the cause may grow to while the connection is lost. */
const headColumns = 90;

/** For a lost connection: the age of the data, failed attempts, the next one, and why. @param age of the data in ms; null: there is none yet */
export function lostBanner(
  { attempts, nextAt, reason }: ConsoleConnection & { phase: 'lost' },
  age: number | null,
  now: number,
  { columns: width, rows }: CommonState['size'],
): string[] {
  const tried = attempts === 0 ? '' : `, ${counted(attempts, 'attempt')} failed`;
  const seconds = nextAt === null ? 0 : Math.ceil((nextAt - now) / 1000);
  const next = seconds <= 0 ? 'trying now' : `next in ${seconds} s`;
  const begin =
    age === null ? 'Not connected yet' : `Disconnected; data is ${durationText(age)} old`;
  const heads = [`${begin}${tried}, ${next}; r retries.`, `${begin}, ${next}; r retries.`];
  const head = heads.find((each) => columnsOf(each) < width - 1) ?? `${begin}; r retries.`;
  const cause = safe(reason, 300);
  if (headColumns + columnsOf(cause) < width) return [` ${head} ${cause}`];
  return [` ${head}`, ...indented(cause, width, causeLines(rows))];
}

/** Columns of that banner with the longest age. */
const silentColumns = 80;

/** For a connection that stands while the daemon sends nothing. @param age of the data in ms */
export function silentBanner(age: number, width: number): string[] {
  const text = `No update from the name server for ${durationText(age)}:`;
  const cause = 'it is stopped or overloaded.';
  return width < silentColumns ? [` ${text}`, ` ${cause}`] : [` ${text} ${cause}`];
}

/** Stays in one line. */
const endHint = 'End:\u00a0keys\u00a04\u00a0u.';

/** For a drain. @param now the daemon's clock @param canEnd whether a key could end it */
export function redirectingBanner(
  { redirecting, peers }: Pick<Status, 'redirecting' | 'peers'>,
  now: number,
  canEnd: boolean,
  width: number,
): string[] {
  const what = redirectingText(redirecting, peers);
  const since = durationText(now - redirecting.since).replaceAll(' ', '\u00a0');
  const text = `${what.charAt(0).toUpperCase()}${what.slice(1)} (${since}).`;
  const hint = isByHand(redirecting) && canEnd ? ` ${endHint}` : '';
  return indented(text + hint, width, 2);
}

function indented(text: string, width: number, limit: number): string[] {
  return wrap(text, width - 2, limit).map((line) => ` ${line.replaceAll('\u00a0', ' ')}`);
}
