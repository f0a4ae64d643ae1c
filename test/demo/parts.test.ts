// The parts of the demo network that need no name server: lines of text, ports and folder, and the plan.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createRandom } from '../fixture/random.ts';
import { type DemoEvent, eventLine, networkText, summaryText } from './events.ts';
import { findPort, makeDemoFolder, removeDemoFolder } from './places.ts';
import { type Act, Plan } from './plan.ts';

const address = '127.0.1.7:4000';
const server = '127.0.0.2:4524';

test('demo lines › each event is one line', (t) => {
  const events: DemoEvent[] = [
    { atMs: 0, kind: 'joined', node: 'node-07', address, again: false, knows: 0 },
    { atMs: 3_249, kind: 'joined', node: 'node-07', address, again: true, knows: 1 },
    { atMs: 12_000, kind: 'left', node: 'node-07', address },
    { atMs: 12_000, kind: 'crashed', node: 'node-07', address },
    { atMs: 123_456, kind: 'expired', address, by: server },
    { atMs: 1, kind: 'redirected', address, more: 0, from: server, to: ['127.0.0.3:4524'] },
    {
      ...{ atMs: 1, kind: 'redirected', address, more: 11, from: server },
      to: ['127.0.0.3:4524', '127.0.0.4:4524'],
    },
    { atMs: 1, kind: 'burst', server, clients: 12 },
    { atMs: 1, kind: 'down', server },
    { atMs: 1, kind: 'up', server, pid: 4711 },
    { atMs: 1, kind: 'trouble', text: 'node-07: \u001b[2J' },
  ];
  t.deepEqual(events.map(eventLine), [
    '   0.0 s joined     127.0.1.7:4000   node-07, knows 0 hosts\n',
    '   3.2 s came back  127.0.1.7:4000   node-07, knows 1 host\n',
    '  12.0 s left       127.0.1.7:4000   node-07\n',
    '  12.0 s crashed    127.0.1.7:4000   node-07\n',
    ' 123.5 s expired    127.0.1.7:4000   did not answer 127.0.0.2:4524\n',
    '   0.0 s redirected 127.0.1.7:4000   by 127.0.0.2:4524 to 127.0.0.3:4524\n',
    '   0.0 s redirected 127.0.1.7:4000   and 11 others by 127.0.0.2:4524 to 127.0.0.3:4524 and 127.0.0.4:4524\n',
    '   0.0 s burst      127.0.0.2:4524   12 slow clients fill its backlog\n',
    '   0.0 s down       127.0.0.2:4524   the name server was killed\n',
    '   0.0 s up         127.0.0.2:4524   the name server is back, process 4711\n',
    '   0.0 s trouble                     node-07: \\x1b[2J\n',
  ]);
});

test('demo lines › the network and the summary', (t) => {
  t.is(
    networkText({
      ...{ folder: '/tmp/ddns-demo-1-x', pid: 12, seed: 7 },
      servers: [{ address: server, socket: '/tmp/s', pid: 13 }],
      nodes: { count: 60, first: '127.0.1.1:4000', last: '127.0.1.60:4000' },
    }),
    `name server 127.0.0.2:4524, process 13
60 nodes, 127.0.1.1:4000 to 127.0.1.60:4000, seed 7
all of it is in /tmp/ddns-demo-1-x, run by process 12, and gone when this ends
`,
  );
  const summary = {
    counted: { joined: 60, left: 2, crashed: 3, expired: 4, redirected: 5, burst: 1, down: 2 },
    running: 55,
    live: [
      { server, hosts: 56 },
      { server: '127.0.0.3:4524', hosts: 55 },
    ],
  };
  const counts = `In 6 s: 60 joined, 2 left, 3 crashed, 4 expired, 5 redirected, 1 burst, 2 outages.
55 nodes running; live at 127.0.0.2:4524: 56, at 127.0.0.3:4524: 55.
`;
  t.is(
    summaryText(6, { ...summary, isAgreed: true }),
    `${counts}All three name servers hold the same hosts.\n`,
  );
  t.is(
    summaryText(6, { ...summary, isAgreed: false }),
    `${counts}The name servers do NOT hold the same hosts.\n`,
  );
});

const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];

test('demo ports › the preferred port is taken if it is free on all addresses, otherwise another', async (t) => {
  const free = await findPort(ips, 0);
  t.is(await findPort(ips, free), free);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(free, ips[2], resolve));
  t.teardown(() => server.close());
  const other = await findPort(ips, free);
  t.not(other, free);
  t.true(other > 0);
});

test('demo ports › a missing address is named, with the command that adds it', async (t) => {
  const error = await t.throwsAsync(findPort(['127.0.0.2', '192.0.2.77'], 0));
  t.regex(error?.message ?? '', /does not have the address 192\.0\.2\.77, .* ifconfig lo0 alias/);
});

test('demo folder › the next demo removes the folder of a killed one, but not of a running one', async (t) => {
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const leftOver = mkdtempSync(join(tmpdir(), `ddns-demo-${gone}-`));
  const running = mkdtempSync(join(tmpdir(), `ddns-demo-${process.ppid}-`));
  const folder = await makeDemoFolder();
  t.teardown(() => Promise.all([leftOver, running, folder].map(removeDemoFolder)));
  t.deepEqual([leftOver, running, folder].map(existsSync), [false, true, true]);
  await removeDemoFolder(folder);
  t.false(existsSync(folder));
});

const hourMs = 3_600_000;
const ttlMs = 20_000;

interface Timed {
  at: number;
  act: Act;
}

/** Runs the clock from one thing to the next. */
function run(seed: number, forMs: number, startMs = 0): Timed[] {
  const plan = new Plan({
    ...{ nodes: 60, servers: 3, ttlMs },
    random: createRandom(seed),
    now: startMs,
  });
  const acts: Timed[] = [];
  for (let at = plan.nextAt; at <= startMs + forMs; at = plan.nextAt)
    for (const act of plan.take(at)) acts.push({ at, act });
  return acts;
}

/** What happens to each node, in order. */
function lives(acts: Timed[]): Timed[][] {
  return Array.from({ length: 60 }, (_, node) =>
    acts.filter(({ act }) => 'node' in act && act.node === node),
  );
}

test('demo plan › the same seed gives the same run, another seed another', (t) => {
  t.deepEqual(run(7, 300_000), run(7, 300_000));
  t.notDeepEqual(run(7, 60_000), run(8, 60_000));
});

test('demo plan › the start of the clock does not matter', (t) => {
  const shift = ({ at, act }: Timed) => ({ at: Math.round(at), act });
  const later = run(7, 60_000, 5_000).map(({ at, act }) => ({ at: at - 5_000, act }));
  t.deepEqual(later.map(shift), run(7, 60_000).map(shift));
});

test('demo plan › all nodes join within seconds, six of them during the first burst, at its server', (t) => {
  const acts = run(1, 5_000);
  const burst = acts.find(({ act }) => act.kind === 'burst');
  t.deepEqual(burst, { at: 2_500, act: { kind: 'burst', server: 0, forMs: 3_000 } });
  const first = lives(acts).map(([join]) => join);
  t.is(first.filter((join) => join !== undefined && join.at <= 2_000).length, 54);
  const rushed = first.slice(54);
  t.true(rushed.every((join) => join && join.at >= 3_000 && join.at <= 4_500));
  t.deepEqual(
    rushed.map((join) => join?.act),
    [54, 55, 56, 57, 58, 59].map((node) => ({ kind: 'join', node, through: 0 })),
  );
});

test('demo plan › every node joins and leaves in turn, again and again', (t) => {
  for (const life of lives(run(2, hourMs))) {
    const kinds = life.map(({ act }) => act.kind);
    t.true(kinds.every((kind, index) => (kind === 'join') === (index % 2 === 0)));
    t.true(kinds.length > 30);
  }
});

test('demo plan › some crashed nodes come back before they expire, some do not', (t) => {
  const absences = lives(run(3, hourMs)).flatMap((life) =>
    life.flatMap(({ at, act }, index) => {
      const back = life[index + 1];
      return act.kind === 'crash' && back !== undefined ? [back.at - at] : [];
    }),
  );
  t.true(absences.some((ms) => ms < ttlMs / 2));
  t.true(absences.some((ms) => ms > ttlMs * 1.4));
});

test('demo plan › the first server stays up, the others go down one at a time', (t) => {
  const outages = run(4, hourMs).filter(({ act }) => act.kind === 'outage');
  const servers = outages.map(({ act }) => (act as Act & { kind: 'outage' }).server);
  t.deepEqual([...new Set(servers)].toSorted(), [1, 2]);
  let upAt = 0;
  for (const { at, act } of outages) {
    t.true(at > upAt);
    upAt = at + (act as Act & { kind: 'outage' }).forMs;
  }
});

test('demo plan › bursts go on, at every server', (t) => {
  const bursts = run(5, hourMs).filter(({ act }) => act.kind === 'burst');
  t.true(bursts.length > 150);
  const servers = bursts.map(({ act }) => (act as Act & { kind: 'burst' }).server);
  t.deepEqual([...new Set(servers)].toSorted(), [0, 1, 2]);
});

test('demo plan › a due act is taken once, in order, however late', (t) => {
  const plan = new Plan({
    ...{ nodes: 60, servers: 3, ttlMs, now: 0 },
    random: createRandom(6),
  });
  t.deepEqual(plan.take(-1), []);
  t.deepEqual(
    plan.take(60_000),
    run(6, 60_000).map(({ act }) => act),
  );
  t.deepEqual(plan.take(60_000), []);
  t.true(plan.nextAt > 60_000);
});
