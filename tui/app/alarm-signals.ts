// Alarms outside of the screen, for operators who look elsewhere: a bell when one begins, and the title of the terminal's
// window, which names the most urgent.
import type { ConsoleState } from '../console/console-state.ts';
import type { Store } from '../state/common-state.ts';
import { isStale, latestData, type Shown } from '../state/shown.ts';
import { alarmsOf } from '../text/alarms.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';

interface AlarmSignalsOptions {
  store: Pick<Store<ConsoleState, never>, 'get' | 'subscribe'>;
  /** to the terminal */
  write(text: string): void;
  /** whether somebody else has the terminal, and the title of its window */
  isLent(): boolean;
  /** how often somebody else got it: nothing may have changed meanwhile, as when this process was stopped */
  timesLent(): number;
  bell: boolean;
  title: boolean;
}

const bell = '\u0007';

interface Signalled {
  about: string;
  short: string;
}

/** Signals alarms that begin from now on. @returns what ends that */
export function signalAlarms(options: AlarmSignalsOptions): () => void {
  const { store, write, isLent, timesLent, ...wanted } = options;
  let known: ReadonlySet<string> | null = null;
  let shown = '';
  let shownAt = timesLent();
  const look = () => {
    if (isLent()) return;
    if (shownAt !== timesLent()) shown = '';
    shownAt = timesLent();
    const state = store.get();
    const data = latestData(state);
    if (data === null) return;
    const alarms = signalled(state);
    const begun = alarms.some(({ about }) => known !== null && !known.has(about));
    known = new Set(alarms.map(({ about }) => about));
    const { hostname } = data.status.server;
    const title = `${titleOf(alarms)}ddns-tui ${safe(hostname, 64)}`;
    if (wanted.bell && begun) write(bell);
    if (wanted.title && title !== shown) write(`\u001b]2;${title}\u0007`);
    shown = title;
  };
  const stop = store.subscribe(look);
  look();
  return stop;
}

/** The alarms of the tab line, and before them the loss of the name server itself. */
function signalled(state: ConsoleState): Signalled[] {
  const { servers } = state.fleet;
  if (servers.length < 2) return signalledOf(state);
  return servers.flatMap(({ name, shown }) =>
    signalledOf(shown).map(({ about, short }) => ({
      about: `${name} ${about}`,
      short: `${safe(name, 32)}: ${short}`,
    })),
  );
}

function signalledOf(shown: Shown): Signalled[] {
  const data = latestData(shown);
  const lost = { about: 'connection', short: 'no name server' };
  return [...(isStale(shown) ? [lost] : []), ...(data === null ? [] : alarmsOf(data.status))];
}

function titleOf([first, ...others]: readonly Signalled[]): string {
  if (first === undefined) return '';
  return `! ${first.short}${others.length > 0 ? ` +${count(others.length)}` : ''} · `;
}
