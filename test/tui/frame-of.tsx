// The console as it is drawn: what a terminal of a given size would be sent.
import '../fixture/production.ts';
import { abilitiesOf, type Environment } from '../../tui/abilities.ts';
import { preparePen } from '../../tui/charts/pen.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../tui/console/console-state.ts';
import { startDrawing } from '../../tui/frame/drawing.tsx';
import { accountOf } from '../../tui/reading/account.ts';
import { newsOf } from '../../tui/reading/news.ts';
import { readingSize } from '../../tui/reading/reader.ts';
import { readingTheme } from '../../tui/reading/spoken.ts';
import { createStore } from '../../tui/state/common-state.ts';
import { adaptTo } from '../../tui/terminal/adapt.ts';
import type { Size } from '../../tui/terminal/frame-diff.ts';
import { createTheme, type Theme, unpainted } from '../../tui/theme.ts';
import { applyPage, wantedPage } from '../../tui/views/hosts/hosts-state.ts';
import { fixedHosts, fixedSnapshot } from './fixture-data.ts';
import type { Screen } from './screens/screen.ts';

export interface FrameOptions {
  columns: number;
  rows: number;
  /** what its environment says beyond `usual` */
  env?: Environment;
}

const usual: Environment = { TERM: 'xterm', LANG: 'C.UTF-8' };

/** The lines that the terminal would show. */
export async function frameOf(
  screen: Omit<Screen, 'name'>,
  options: FrameOptions,
): Promise<string[]> {
  return adapted(await drawn(screen, options), options.env);
}

/** The lines that a terminal of that environment would show of the frame as it is drawn. */
export function adapted(frame: string, env?: Environment): string[] {
  return adaptTo(abilitiesOf({ ...usual, ...env }))(frame).split('\n');
}

/** The console and what it shows, without colours. */
export async function shownOf(
  screen: Omit<Screen, 'name'>,
  { columns, rows }: FrameOptions,
): Promise<{ lines: string[]; state: ConsoleState }> {
  const options = { size: { columns, rows }, theme: createTheme(usual), isRead: false };
  const { frame, state } = await drawing(screen, options);
  return { lines: frame.map(unpainted), state };
}

/** The frame as it is drawn, before it is adapted to the terminal. */
export async function drawn(
  screen: Omit<Screen, 'name'>,
  { columns, rows, env }: FrameOptions,
): Promise<string> {
  const theme = createTheme({ ...usual, ...env });
  return (await drawing(screen, { size: { columns, rows }, theme, isRead: false })).frame.join(
    '\n',
  );
}

/** What a screen reader is given when the screen appears. */
export async function readOf(screen: Omit<Screen, 'name'>): Promise<string[]> {
  const options = { size: readingSize, theme: readingTheme, isRead: true };
  const { frame, state } = await drawing(screen, options);
  return newsOf(null, accountOf(state, frame), 'key').said;
}

/** The console after the screen's actions, the first of which is the daemon's snapshot. */
async function drawing(
  { view, actions = [] }: Omit<Screen, 'name'>,
  { size, theme, isRead }: { size: Size; theme: Theme; isRead: boolean },
): Promise<{ frame: readonly string[]; state: ConsoleState }> {
  preparePen();
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  let frame: readonly string[] = [];
  let failure: unknown = null;
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const stopDrawing = startDrawing({
    store,
    theme,
    size: () => size,
    isRead,
    show: (lines) => {
      frame = lines;
    },
    onError: (error) => {
      failure = error;
    },
  });
  // Effects tell the store how many rows fit, and only then the right page is asked for.
  await new Promise((resolve) => setImmediate(resolve));
  for (const action of [hostsPage, ...actions]) store.dispatch(action);
  await new Promise((resolve) => setImmediate(resolve));
  stopDrawing();
  if (failure !== null) throw failure;
  return { frame, state: store.get() };
}

const hostsPage: ConsoleAction = {
  type: 'hosts',
  change: (hosts) => {
    const want = wantedPage(hosts);
    const rows = fixedHosts(60);
    if (want === null) return hosts;
    return applyPage(hosts, want, {
      rows,
      first: 'first',
      last: 'last',
      matched: rows.length,
      before: 0,
      revision: 1,
    });
  },
};

/** Escape characters as a visible sign, so that a difference can be read. */
export function readable(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll('\u001b', '␛'));
}
