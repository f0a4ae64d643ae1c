import test from 'ava';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { headerLines } from '../../../tui/frame/header.ts';
import { createTheme, unpainted } from '../../../tui/theme.ts';
import { moveBy } from '../../../tui/views/hosts/hosts-state.ts';
import { fixedDelta, fixedNow, fixedSamples, fixedSnapshot, fixedStatus } from '../fixture-data.ts';

const size = { columns: 80, rows: 24 };
const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });

function after(state: ConsoleState, ...actions: ConsoleAction[]): ConsoleState {
  return actions.reduce(reduceConsole, state);
}

function happened(seq: number, at: number): ConsoleAction {
  const activity = [{ seq, at, kind: 'left', address: null, text: 'x' } as const];
  const { counters } = fixedStatus();
  const status = { counters: { ...counters, left: seq }, hosts: { live: seq, gone: 0, limit: 9 } };
  return { type: 'delta', delta: fixedDelta({ at: fixedNow + at, activity, status }), now: at };
}

const attached = after(
  first,
  { type: 'snapshot', snapshot: fixedSnapshot(), now: 0 },
  { type: 'hosts', change: (hosts) => ({ ...hosts, goal: null }) },
);
const paused = after(attached, { type: 'pause' });

test('pause › what is shown stands still, and what comes is there afterwards', (t) => {
  const later = after(paused, happened(6, 1_000), happened(7, 2_000), { type: 'tick', now: 3_000 });
  t.is(later.data, attached.data);
  t.is(later.now, attached.now);
  t.is(later.hosts, attached.hosts);
  const going = after(later, { type: 'pause' });
  t.is(going.paused, null);
  t.is(going.now, 3_000);
  t.is(going.data?.activity[0]?.seq, 7);
  t.is(going.data?.status.hosts.live, 7);
  t.is(going.hosts.goal, 'refresh');
});

test('pause › however long it takes, no more is kept than is shown', (t) => {
  let state = paused;
  for (let seq = 6; seq < 2_000; seq += 1)
    state = after(state, happened(seq, seq), {
      type: 'delta',
      delta: fixedDelta({ samples: fixedSamples(1) }),
      now: seq,
    });
  t.is(state.paused?.data?.samples.length, attached.data?.samples.length);
  t.true((state.paused?.data?.activity.length ?? 1_000) < 300);
});

test('pause › moving works on what is shown', (t) => {
  const moved = after(
    paused,
    { type: 'hosts', change: (hosts) => moveBy(hosts, 0) },
    {
      type: 'view',
      view: 'peers',
    },
  );
  t.is(moved.view, 'peers');
  t.is(moved.data, attached.data);
});

test('pause › a connection that comes back brings its data when the screen goes on', (t) => {
  const snapshot = { ...fixedSnapshot({ ttlMs: 1 }), at: fixedNow + 9_000 };
  const back = after(
    paused,
    { type: 'connection', change: { type: 'lost', now: 10, reason: 'x', nextAt: 20 } },
    { type: 'snapshot', snapshot, now: 30 },
  );
  t.is(back.connection.phase, 'live');
  t.is(back.data, attached.data);
  t.is(after(back, { type: 'pause' }).data?.status.ttlMs, 1);
});

test('pause › before anything was said it waits for the first word', (t) => {
  const waiting = after(first, { type: 'pause' });
  t.is(after(waiting, { type: 'pause' }).data, null);
  const said = after(waiting, { type: 'snapshot', snapshot: fixedSnapshot(), now: 5 });
  t.is(said.data, null);
  t.not(after(said, { type: 'pause' }).data, null);
});

test('pause › the header says for how long, and what waits', (t) => {
  const header = (state: ConsoleState) => unpainted(headerLines(createTheme({}), state)[0] ?? '');
  const heard = (now: number): ConsoleAction[] => [
    { type: 'delta', delta: fixedDelta(), now },
    { type: 'tick', now },
  ];
  t.false(header(attached).includes('paused'));
  t.regex(header(after(paused, ...heard(12_400))), /192\.0\.2\.1:4524 {2,}paused 12 s {3}● live $/);
  t.regex(
    header(after(paused, happened(6, 1), ...heard(12_400))),
    /paused 12 s, 1 change waits {3}● live $/,
  );
  t.regex(
    header(after(paused, happened(1_239, 1), ...heard(12_400))),
    /paused 12 s, 1,234 changes wait {3}● live/,
  );
  const logged = after(
    paused,
    { type: 'view', view: 'log' },
    { type: 'delta', delta: fixedDelta({ status: { log: { level: 'info', lines: 63 } } }), now: 1 },
  );
  t.regex(header(logged), /paused 0 s, 2 lines wait/);
  const { server } = fixedStatus();
  const restarted = fixedSnapshot({ server: { ...server, startedAt: fixedNow } });
  t.regex(
    header(after(paused, { type: 'snapshot', snapshot: restarted, now: 1 })),
    /restarted since/,
  );
  const long = after(paused, happened(99_999_999, 1), ...heard(3_599_000));
  for (const columns of [60, 70, 80, 120]) {
    const line = header({ ...long, size: { columns, rows: 24 } });
    t.true(line.length <= columns, line);
    t.true(line.endsWith('paused 59 min, 99,999,994 changes wait   ● live '), line);
  }
});
