import test from 'ava';
import type { Delta, Sample } from '../../../shared/ipc/status-contract.ts';
import { lostBanner } from '../../../tui/components/banner.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { takesFilter, viewNames } from '../../../tui/state/common-state.ts';
import { daemonNow, meanOf } from '../../../tui/state/daemon-data.ts';
import { typeInto } from '../../../tui/state/prompt.ts';
import { type ConsoleConnection, lateAfterMs } from '../../../tui/state/shown.ts';
import { columnsOf } from '../../../tui/text/columns.ts';
import { rowsBehind } from '../../../tui/views/hosts/hosts-state.ts';
import { fixedDelta, fixedNow, fixedSamples, fixedSnapshot, fixedStatus } from '../fixture-data.ts';

const size = { columns: 80, rows: 24 };
const first = firstState({ size, view: 'hosts', readOnly: false, now: 0 });
const attached = after(first, { type: 'snapshot', snapshot: fixedSnapshot(), now: 100 });

function after(state: ConsoleState, ...actions: ConsoleAction[]): ConsoleState {
  return actions.reduce(reduceConsole, state);
}

function delta(change: Partial<Delta>): ConsoleAction {
  return { type: 'delta', delta: fixedDelta({ at: fixedNow + 1_000, ...change }), now: 1_100 };
}

test('console state › a delta replaces the members it names and keeps the others', (t) => {
  const backlog = { limit: 100, current: 99, peak: 99 };
  const { data } = after(attached, delta({ status: { backlog } }));
  t.deepEqual(data?.status, { ...fixedStatus(), backlog });
});

test('console state › rows that nothing has happened to are not called old when they are read again', (t) => {
  const read = { ...attached, hosts: { ...attached.hosts, goal: null, readAt: 100 } };
  const quiet = (second: number): ConsoleAction => ({
    type: 'delta',
    delta: fixedDelta({ at: fixedNow + second * 1_000 }),
    now: 100 + second * 1_000,
  });
  const seconds = Array.from({ length: 10 }, (_, index) => quiet(index + 1));
  const { hosts, data } = after(read, ...seconds);
  t.is(hosts.goal, 'refresh', 'as time passes, hosts become due');
  t.true(rowsBehind(hosts, data?.receivedAt ?? 0) < lateAfterMs);
  const late = after({ ...read, hosts }, quiet(11), quiet(12), quiet(13)).hosts;
  t.true(rowsBehind(late, 13_100) > lateAfterMs, 'they are, when nobody brings them');
  const paused = after(read, { type: 'pause' }, ...seconds.slice(0, 9)).hosts;
  t.is(paused.readAt, 100, 'during a pause nothing is known of them');
});

test('console state › samples and activity are kept in order and bounded', (t) => {
  const [sample] = fixedSamples(1) as [Sample];
  const entry = { seq: 6, at: fixedNow, kind: 'left', address: null, text: 'x' } as const;
  const hourSample = { ...sample, registered: 70 };
  const { data } = after(
    attached,
    delta({ samples: [sample], hourSamples: [hourSample], activity: [entry] }),
  );
  t.deepEqual([data?.samples.length, data?.hourSamples.length], [300, 360]);
  t.deepEqual([data?.samples.at(-1), data?.hourSamples.at(-1)], [sample, hourSample]);
  t.deepEqual(
    data?.activity.map(({ seq }) => seq),
    [6, 5, 4, 3, 2, 1],
  );
});

test('console state › the activity on the screen moves at most once a second', (t) => {
  const entry = { at: fixedNow, kind: 'left', address: null, text: 'x' } as const;
  const [first, second, third] = [7, 8, 9].map((seq, index) => ({
    type: 'delta' as const,
    delta: fixedDelta({ activity: [{ ...entry, seq }] }),
    now: 1_100 + index * 500,
  })) as [ConsoleAction, ConsoleAction, ConsoleAction];
  const newest = (...actions: ConsoleAction[]) => {
    const { data } = after(attached, ...actions);
    return [data?.activity[0]?.seq, data?.calmActivity.lines[0]?.seq];
  };
  t.deepEqual(newest(first), [7, 7]);
  t.deepEqual(newest(first, second), [8, 7]);
  t.deepEqual(newest(first, second, third), [9, 9]);
});

test("console state › ages are reckoned on the daemon's clock, not on the console's", (t) => {
  if (attached.data === null) throw new Error('no data');
  t.is(daemonNow(attached.data, 100), fixedNow);
  t.is(daemonNow(attached.data, 5_100), fixedNow + 5_000);
  t.is(daemonNow(attached.data, 0), fixedNow, 'never before the message');
});

test('console state › the hosts become stale when the registry changed, and only then', (t) => {
  const settled = after(attached, { type: 'hosts', change: (hosts) => ({ ...hosts, goal: null }) });
  t.is(after(settled, delta({})).hosts.goal, null);
  const { counters } = fixedStatus();
  const busy = { ...counters, busy: counters.busy + 1 };
  t.is(after(settled, delta({ status: { counters: busy } })).hosts.goal, null);
  const refreshed = { ...counters, refreshed: counters.refreshed + 1 };
  t.is(after(settled, delta({ status: { counters: refreshed } })).hosts.goal, 'refresh');
});

test('console state › a rate is the mean of the last seconds', (t) => {
  t.is(meanOf([], 'registered', 5), 0);
  const samples = fixedSamples(3).map((sample, index) => ({ ...sample, registered: index }));
  t.is(meanOf(samples, 'registered', 2), 1.5);
  t.is(meanOf(samples, 'registered', 5), 1);
});

test('console state › a lost connection counts its attempts until the snapshot of the next one', (t) => {
  const lost = after(
    attached,
    { type: 'connection', change: { type: 'lost', now: 200, reason: 'closed', nextAt: 500 } },
    { type: 'connection', change: { type: 'retrying' } },
    {
      type: 'connection',
      change: { type: 'retry-failed', now: 500, reason: 'refused', nextAt: 1_500 },
    },
  );
  t.deepEqual(lost.connection, {
    phase: 'lost',
    since: 200,
    attempts: 1,
    nextAt: 1_500,
    reason: 'refused',
  });
  t.is(lost.data, attached.data, 'what was known stays');
  const back = after(lost, { type: 'snapshot', snapshot: fixedSnapshot(), now: 2_000 });
  t.deepEqual(back.connection, { phase: 'live', since: 2_000 });
});

test('console state › the banner gives the age of the data, the failed attempts and the next one', (t) => {
  const connection: ConsoleConnection & { phase: 'lost' } = {
    phase: 'lost',
    since: 0,
    attempts: 2,
    nextAt: 14_000,
    reason: 'gone\u001b[2J',
  };
  t.deepEqual(lostBanner(connection, 12_000, 12_000, { columns: 120, rows: 24 }), [
    ' Disconnected; data is 12 s old, 2 attempts failed, next in 2 s; r retries. gone\\x1b[2J',
  ]);
  t.deepEqual(
    lostBanner({ ...connection, attempts: 0, nextAt: null }, 500, 500, { columns: 60, rows: 24 }),
    [' Disconnected; data is 0 s old, trying now; r retries.', ' gone\\x1b[2J'],
  );
});

test('console state › a long cause is wrapped and not cut, whatever its first line counts', (t) => {
  const reason =
    'no name server is listening on /run/ddnsd/ddnsd.sock. Start one (systemctl start ddnsd, or npm start), or name its socket with --socket PATH';
  for (const width of [60, 80]) {
    const heights = [0, 9_000, 8_040_000, 86_400_000 * 3].flatMap((age) =>
      [0, 12, 1_234].map((attempts) => {
        const lost = { phase: 'lost', since: 0, attempts, nextAt: 2_000, reason } as const;
        const lines = lostBanner(lost, age, 0, { columns: width, rows: 24 });
        for (const line of lines) t.true(columnsOf(line) < width, line);
        t.is(lines.slice(1).join(''), ` ${reason}`);
        t.regex(lines[0] ?? '', /; r retries\.$/);
        return lines.length;
      }),
    );
    t.is(new Set(heights).size, 1);
  }
});

test('console state › the filter follows what is typed', (t) => {
  const prompt = { kind: 'filter', text: 'node', before: '' } as const;
  t.is(after(attached, { type: 'prompt', prompt }).hosts.filter, 'node');
  t.is(
    after(attached, { type: 'prompt', prompt }, { type: 'prompt', prompt: null }).hosts.filter,
    'node',
  );
});

test('console state › a paste brings its first line without control characters, and is bounded', (t) => {
  const prompt = { kind: 'filter', text: 'a', before: '' } as const;
  t.is(typeInto(prompt, 'b\u001b[2Jc\rrm -rf').text, 'ab[2Jc');
  t.is(typeInto(prompt, 'x'.repeat(500)).text.length, 200);
});

test('console state › another view closes the prompt', (t) => {
  const open = after(
    attached,
    { type: 'prompt', prompt: { kind: 'confirm', text: '', asked: { action: 'drain' } } },
    { type: 'view', view: 'overview' },
  );
  t.is(open.prompt, null);
});

test('opening › only the first view gets the filter', (t) => {
  for (const view of viewNames) {
    const state = firstState({ size, view, readOnly: false, now: 0, opening: { filter: 'a !b' } });
    const filtered = viewNames.filter((each) => takesFilter(each) && state[each].filter !== '');
    t.deepEqual(filtered, takesFilter(view) ? [view] : []);
  }
});

test('opening › sort and level are set when the operator goes to their view', (t) => {
  const options = { size, view: 'overview', readOnly: false, now: 0 } as const;
  const sort = { by: 'lastSeen', descending: true } as const;
  const { hosts, log } = firstState({ ...options, opening: { sort, level: 'warn' } });
  t.deepEqual(hosts.sort, sort);
  t.is(log.level, 'warn');
  t.deepEqual(firstState({ ...options, opening: {} }), firstState(options));
});

test('banner › the cause is whole, with the longest path of a socket, from 60×20 on', (t) => {
  const path = `/run/${'name-server-of-a-fleet/'.repeat(4)}ddnsd.sock`;
  const reason = `no name server is listening on ${path}. Start one (systemctl start ddnsd, or npm start), or name its socket with --socket PATH`;
  t.is(path.length, 107);
  for (const size of [
    { columns: 60, rows: 20 },
    { columns: 80, rows: 24 },
    { columns: 300, rows: 80 },
  ]) {
    const lost = { phase: 'lost', since: 0, attempts: 12, nextAt: 1_000, reason } as const;
    const said = lostBanner(lost, 1_000, 0, size).map((line) => line.trim());
    t.true(said.join('').replaceAll(' ', '').includes(reason.replaceAll(' ', '')), said.join('\n'));
  }
  // A low window keeps rows of its view.
  const low = lostBanner(
    { phase: 'lost', since: 0, attempts: 12, nextAt: 1_000, reason },
    1_000,
    0,
    {
      columns: 60,
      rows: 10,
    },
  );
  t.is(low.length, 4);
});
