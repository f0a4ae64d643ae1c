// The console as it is drawn: what a terminal of a given size would be sent.
import '../fixture/production.ts';
import { EventEmitter } from 'node:events';
import { type Instance, render, type TerminalSuspension, useApp } from 'ink';
// JSX would load React before it knows that this is production.
import { createElement, Fragment, useLayoutEffect } from 'react';
import { abilitiesOf, type Environment } from '../../tui/abilities.ts';
import { preparePen } from '../../tui/charts/pen.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../tui/console/console-state.ts';
import { Drawn, Read } from '../../tui/frame/console.tsx';
import { chooseLook, type ThemeName } from '../../tui/look.ts';
import { accountOf } from '../../tui/reading/account.ts';
import { newsOf } from '../../tui/reading/news.ts';
import { readingSize } from '../../tui/reading/reader.ts';
import { type CommonState, createStore } from '../../tui/state/common-state.ts';
import { adaptTo } from '../../tui/terminal/adapt.ts';
import { createTheme, unpainted } from '../../tui/theme.ts';
import { applyPage, wantedPage } from '../../tui/views/hosts/hosts-state.ts';
import { fixedHosts, fixedSnapshot } from './fixture-data.ts';
import type { Screen } from './screens/screen.ts';

export interface FrameOptions {
  columns: number;
  rows: number;
  /** what its environment says beyond `usual` */
  env?: Environment;
  option?: ThemeName;
  /** is told of each piece of text that is adapted to the terminal */
  adapted?: (piece: string, shown: string) => void;
}

const usual: Environment = { TERM: 'xterm', LANG: 'C.UTF-8' };

/** The lines that the terminal shows. */
export async function frameOf(
  screen: Omit<Screen, 'name'>,
  options: FrameOptions,
): Promise<string[]> {
  return (await drawing(screen, options)).frame;
}

/** The console and what it shows, without colours. */
export async function shownOf(
  screen: Omit<Screen, 'name'>,
  options: FrameOptions,
): Promise<{ lines: string[]; state: ConsoleState }> {
  const { frame, state } = await drawing(screen, options);
  return { lines: frame.map(unpainted), state };
}

/** What a screen reader is given when the screen appears. */
export async function readOf(screen: Omit<Screen, 'name'>): Promise<string[]> {
  const { frame, state } = await drawing(screen, { ...readingSize, isRead: true });
  return newsOf(null, accountOf(state, frame), 'key').said;
}

/** Resolves when what was asked for last is drawn. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * The same, one after another, also of tests that run together: until it is unmounted, each Ink listens for the end of
 * the process, and Node warns of more than ten such listeners.
 */
function drawing(...parameters: Parameters<typeof draw>): ReturnType<typeof draw> {
  const drawn = turn.then(() => draw(...parameters));
  turn = drawn.catch(() => {});
  return drawn;
}

/** The console after the screen's actions, the first of which is the daemon's snapshot. */
async function draw(
  { view, actions = [] }: Omit<Screen, 'name'>,
  { columns, rows, env, option, adapted, isRead = false }: FrameOptions & { isRead?: boolean },
): Promise<{ frame: string[]; state: ConsoleState }> {
  preparePen();
  const size = { columns, rows };
  const terminal = { ...usual, ...env };
  const look = chooseLook({ env: terminal, option });
  const theme = createTheme(look);
  const toTerminal = adaptTo(abilitiesOf(terminal));
  const adapt = (piece: string) => {
    const shown = toTerminal(piece);
    adapted?.(piece, shown);
    return shown;
  };
  const store = createStore(firstState({ size, view, readOnly: false, now: 0 }), reduceConsole);
  const stdout = new CapturedTerminal(size);
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  let resume: Promise<TerminalSuspension> | undefined;
  const held = createElement(Held, {
    hold: (suspend) => {
      resume ??= suspend();
    },
  });
  const shown = isRead
    ? createElement(Read, { store })
    : createElement(Drawn, { store, theme, adapt });
  const ink = render(held, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    interactive: true,
    // Frames as plain lines.
    debug: true,
    concurrent: true,
    isScreenReaderEnabled: false,
    patchConsole: false,
  });
  const failed = ink.waitUntilExit();
  failed.catch(() => {});
  await settled(ink);
  ink.rerender(createElement(Fragment, null, held, shown));
  // Effects tell the store how many rows fit, and only then the right page is asked for.
  await settled(ink);
  for (const action of [hostsPage, ...actions]) store.dispatch(action);
  await settled(ink);
  await (await resume)?.resume();
  const frame = stdout.frame.split('\n');
  stdout.writable = false;
  ink.unmount();
  await failed;
  return { frame, state: store.get() };
}

type Suspend = ReturnType<typeof useApp>['suspendTerminal'];

/** Has nothing drawn until it is resumed: only the last frame is looked at. */
function Held({ hold }: { hold: (suspend: Suspend) => void }): null {
  const { suspendTerminal } = useApp();
  useLayoutEffect(() => hold(suspendTerminal), [hold, suspendTerminal]);
  return null;
}

/** Until what effects have changed is drawn, too. */
async function settled(ink: Instance): Promise<void> {
  for (let round = 0; round < 3; round++) await ink.waitUntilRenderFlush();
}

/** Keeps what was written last. */
class CapturedTerminal extends EventEmitter {
  frame = '';
  /** whether Ink draws once more at the end */
  writable = true;
  readonly columns: number;
  readonly rows: number;

  constructor({ columns, rows }: CommonState['size']) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string, written?: () => void): boolean {
    if (text !== '') this.frame = text;
    written?.();
    return true;
  }
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
