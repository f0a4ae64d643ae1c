// Forty minutes of the console in the time that drawing them takes: every second something changed, a row or
// a view moves, and afterwards it holds no more than it did. Everything is real but the clock, the daemon
// and the terminal.
import '../fixture/production.ts';
import { EventEmitter } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { render } from 'ink';
import { createElement } from 'react';
import type { LogResult } from '../../shared/ipc/log-contract.ts';
import { preparePen } from '../../tui/charts/pen.ts';
import { firstState, reduceConsole } from '../../tui/console/console-state.ts';
import { Drawn } from '../../tui/frame/console.tsx';
import { createStore, viewNames } from '../../tui/state/common-state.ts';
import { createTheme } from '../../tui/theme.ts';
import { applyPage, moveBy, type Want, wantedPage } from '../../tui/views/hosts/hosts-state.ts';
import { takeLines } from '../../tui/views/log/log-state.ts';
import { lookUntil } from '../fixture/look-until.ts';
import { fixedDelta, fixedHosts, fixedNow, fixedSnapshot } from './fixture-data.ts';

const ticksOfView = 40;
/** All views once: each look finds the same one. */
const ticksOfRound = ticksOfView * viewNames.length;
const rounds = 9;
const ticks = rounds * ticksOfRound;
/** When it has compiled what it runs, and its caches are as full as they get. */
const firstLook = 4 * ticksOfRound;
/**
 * Between the least that is held in the first half of the looks and in the second, some 840 ticks: little more
 * than a kilobyte each. The least, because caches fill and are emptied.
 */
const mostGrowth = 1.03;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Holding {
  heap: number;
  listeners: number;
  /** timers, sockets, files, children */
  handles: number;
}

function holding(): Holding {
  collect();
  collect();
  const emitters = [process, process.stdin, process.stdout];
  const listeners = emitters.flatMap((each) =>
    each.eventNames().map((name) => each.listenerCount(name as string)),
  );
  return {
    heap: process.memoryUsage().heapUsed,
    listeners: listeners.reduce((sum, count) => sum + count, 0),
    handles: process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate').length,
  };
}

test('console › forty minutes of changing data leave nothing behind', async (t) => {
  t.timeout(240_000);
  preparePen();
  const before = holding();
  const size = { columns: 80, rows: 24 };
  const store = createStore(
    firstState({ size, view: 'overview', readOnly: false, now: 0 }),
    reduceConsole,
  );
  let bytes = 0;
  const write = (text: string, written?: () => void) => {
    bytes += text.length;
    written?.();
    return true;
  };
  const stdout = Object.assign(new EventEmitter(), { ...size, isTTY: true, write });
  const props = { store, theme: createTheme(), adapt: (line: string) => line };
  const ink = render(createElement(Drawn, props), {
    stdout: stdout as unknown as NodeJS.WriteStream,
    interactive: true,
    incrementalRendering: true,
    concurrent: true,
    alternateScreen: true,
    patchConsole: false,
  });
  store.dispatch({ type: 'snapshot', snapshot: fixedSnapshot(), now: 0 });
  const looks: Holding[] = [];
  for (let tick = 1; tick <= ticks; tick++) {
    const now = tick * 1_000;
    if (tick % ticksOfView === 0)
      store.dispatch({
        type: 'view',
        view: viewNames[(tick / ticksOfView) % viewNames.length] ?? 'overview',
      });
    store.dispatch({ type: 'delta', delta: deltaAt(tick), now });
    const want = wantedPage(store.get().hosts);
    if (want !== null)
      store.dispatch({
        type: 'hosts',
        change: (hosts) => applyPage(hosts, want, pageAt(want, tick)),
      });
    store.dispatch({ type: 'hosts', change: (hosts) => moveBy(hosts, tick % 60 < 30 ? 1 : -1) });
    store.dispatch({ type: 'log', change: (log) => takeLines(log, 'first', loggedAt(tick)) });
    store.dispatch({ type: 'tick', now });
    await ink.waitUntilRenderFlush();
    if (tick >= firstLook && tick % ticksOfRound === 0) looks.push(holding());
  }
  const written = bytes;
  ink.unmount();
  // Ink's last timers end by themselves.
  t.timeout(60_000, 'timers, sockets, files or children are left');
  const after = await lookUntil(holding, ({ handles }) => handles === before.handles);
  const [first, ...later] = looks as [Holding, ...Holding[]];
  t.log(
    `heap ${looks.map(({ heap }) => (heap / 2 ** 20).toFixed(1)).join(', ')} MiB, ${Math.round(written / ticks)} bytes a tick`,
  );
  // It was drawn.
  t.true(written > ticks * 10);
  const half = looks.length / 2;
  const [early, late] = [looks.slice(0, half), looks.slice(half)].map((some) =>
    Math.min(...some.map(({ heap }) => heap)),
  ) as [number, number];
  t.true(late <= early * mostGrowth, `${early} bytes, later ${late}`);
  for (const { listeners, handles } of later) {
    t.is(listeners, first.listeners);
    t.true(handles <= first.handles + 1);
  }
  // Ink's packages keep the one with which the cursor would come back when the process ends.
  t.true(after.listeners <= first.listeners);
});

/** Made once: making them anew each second would take longer than what is looked at. */
const fixed = { snapshot: fixedSnapshot(), hosts: fixedHosts(60) };

/** What a busy name server tells each second: counters, samples, activity, another address each time. */
function deltaAt(tick: number) {
  const at = fixedNow + tick * 1_000;
  const {
    samples,
    status: { counters },
  } = fixed.snapshot;
  const live = 1_234 + (tick % 100);
  const sample = samples.at(-1);
  return fixedDelta({
    at,
    status: {
      counters: { ...counters, registered: counters.registered + tick * 3 },
      hosts: { live, gone: tick % 7, limit: 1_000_000 },
    },
    samples: sample
      ? [{ ...sample, seq: samples.length + tick, at, live, backlog: tick % 17 }]
      : [],
    activity: [
      {
        seq: 100 + tick,
        at,
        kind: 'registered',
        address: `198.51.100.7:${tick}`,
        text: tick.toString(16),
      },
    ],
  });
}

/** As many lines a tick as fill the log of the console before the first look. */
const linesOfTick = 6;

function loggedAt(tick: number): LogResult {
  const first = (tick - 1) * linesOfTick + 1;
  const lines = Array.from({ length: linesOfTick }, (_, index) => ({
    seq: first + index,
    at: fixedNow + tick * 1_000,
    level: 'debug' as const,
    msg: 'host registered',
    fields: { address: `198.51.100.7:${first + index}`, nodeId: `node-${first + index}` },
  }));
  const status = { level: 'debug' as const, lines: first + linesOfTick - 1 };
  return { status, lines, forgotten: 0 };
}

function pageAt({ query }: Want, tick: number) {
  const rows = fixed.hosts.map((host) => ({ ...host, nodeId: `${host.nodeId}-${tick}` }));
  return {
    rows: rows.slice(0, query.limit),
    first: 'first',
    last: 'last',
    matched: rows.length,
    before: 0,
    revision: tick,
  };
}
