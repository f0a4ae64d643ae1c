// The console as it is drawn: what a terminal of a given size would be sent.
import '../../tui/ink-environment.ts';
import { preparePen } from '../../tui/charts/pen.ts';
import { startDrawing } from '../../tui/frame/drawing.tsx';
import { type ConsoleAction, firstState, reduceConsole } from '../../tui/state/console-state.ts';
import { createStore } from '../../tui/state/store.ts';
import { abilitiesOf, type Environment } from '../../tui/terminal/abilities.ts';
import { adaptTo } from '../../tui/terminal/adapt.ts';
import { createTheme } from '../../tui/theme.ts';
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
  const adapt = adaptTo(abilitiesOf({ ...usual, ...options.env }));
  return adapt(await drawn(screen, options)).split('\n');
}

/**
 * The frame as Ink draws it, before it is adapted to the terminal; after the screen's actions, the
 * first of which is the daemon's snapshot.
 */
export async function drawn(
  { view, actions = [] }: Omit<Screen, 'name'>,
  { columns, rows, env }: FrameOptions,
): Promise<string> {
  await preparePen();
  const size = { columns, rows };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  let frame: readonly string[] = [];
  let failure: unknown = null;
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const stopDrawing = startDrawing({
    store,
    theme: createTheme({ ...usual, ...env }),
    size: () => size,
    isRead: false,
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
  return frame.join('\n');
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
