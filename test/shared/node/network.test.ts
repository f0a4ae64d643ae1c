// The port of a node, over real sockets: whoever fills it must not keep out the name servers that ping it.

import test from 'ava';
import { afterThroughSleep, clockThroughSleep, listenTcp } from '../../../shared/node/network.ts';
import { createNode } from '../../../shared/node/node.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { ManualTimers } from './manual-timers.ts';
import { ScriptedServer } from './scripted-server.ts';

/** More than a node has connections at once. */
const crowd = 80;

test('tcp listener › a source that holds all its connections cannot keep a name server from pinging the node', async (t) => {
  const { port, close } = await listenTcp('127.0.0.1', 0, () => ({ kind: 'pong', id: 'me' }));
  t.teardown(close);
  const other = await TcpClient.open(port, { from: '127.0.0.4' });
  const silent: TcpClient[] = [];
  for (let index = 0; index < crowd; index++)
    silent.push(await TcpClient.open(port, { from: '127.0.0.2' }));
  t.is(await exchange(port, 'ping\n'.repeat(2), { from: '127.0.0.3' }), 'pong me\n'.repeat(2));
  t.is(await other.ask('ping\n'), 'pong me\n', 'one that came before keeps its connection');
  t.is(await silent[0]?.closed, '', 'the longest of the crowd gave way');
  for (const client of [other, ...silent]) client.destroy();
});

const dayMs = 24 * 3_600_000;
const refreshMs = 300_000;

test('timers › the clock advances while the machine sleeps, and never goes back', (t) => {
  const clock = { monotonic: 5_000, wall: 1_000_000 };
  const now = clockThroughSleep(
    () => clock.monotonic,
    () => clock.wall,
  );
  const pass = (ms: number) => {
    clock.monotonic += ms;
    clock.wall += ms;
    return now();
  };
  t.is(pass(1_000), 1_001_000);
  clock.wall += dayMs;
  t.is(pass(1_000), 1_002_000 + dayMs);
  clock.wall -= 2 * dayMs;
  t.is(pass(1_000), 1_003_000 + dayMs);
});

test('timers › a node that slept registers again soon after it woke', async (t) => {
  const server = await ScriptedServer.startFor(t, 'end 0 k.1 full\n', 'end 0 k.2\n');
  const manual = new ManualTimers(2_500);
  let sleptMs = 0;
  const now = clockThroughSleep(
    () => manual.now(),
    () => manual.now() + sleptMs,
  );
  const after = afterThroughSleep(now, (ms, task) => manual.after(ms, task));
  const node = createNode({
    ...{ listen: '127.0.0.1:0', nodeId: 'me', servers: [server.address] },
    timers: { now, after, random: () => 0.5 },
  });
  t.teardown(() => node.close());
  await node.join();
  sleptMs = dayMs / 3;
  // The refresh, the sign of life and the round of pings: each waits that long at a time.
  for (let each = 0; each < 3; each++) manual.elapse(30_000);
  await lookUntil(() => server.requests.length >= 2);
  t.pass();
});

test('timers › a long wait ends when it is due, half a minute after a sleep at the latest, or is cancelled', (t) => {
  const manual = new ManualTimers(0);
  let sleptMs = 0;
  const after = afterThroughSleep(
    () => manual.now() + sleptMs,
    (ms, task) => manual.after(ms, task),
  );
  const ended: string[] = [];
  after(100_000, () => ended.push('first'));
  for (const ms of [30_000, 30_000, 30_000]) manual.elapse(ms);
  t.deepEqual(ended, []);
  manual.elapse(10_000);
  t.deepEqual(ended, ['first']);
  after(100_000, () => ended.push('slept'));
  sleptMs = dayMs;
  manual.elapse(30_000);
  manual.elapse(0);
  t.deepEqual(ended, ['first', 'slept']);
  after(100_000, () => t.fail())();
  t.is(manual.due.size, 0);
});

test('timers › after days of sleep, a name server that forgot a deletion does not confirm the host', async (t) => {
  // The second name server knows the tombstones of a day.
  const first = await ScriptedServer.startFor(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n', null);
  const second = await ScriptedServer.startFor(t, 'end 0 j.1\n');
  const manual = new ManualTimers(2_500);
  let sleptMs = 0;
  const now = clockThroughSleep(
    () => manual.now(),
    () => manual.now() + sleptMs,
  );
  const node = createNode({
    ...{ listen: '127.0.0.1:0', nodeId: 'me', servers: [first.address, second.address] },
    timers: { now, after: (ms, task) => manual.after(ms, task), random: () => 0.5 },
  });
  t.teardown(() => node.close());
  await node.join();
  const [before] = node.knownHosts();
  sleptMs = 3 * dayMs;
  manual.elapse(refreshMs);
  await lookUntil(() => node.server === second.address);
  t.deepEqual(second.requests.length, 1);
  t.is(node.knownHosts()[0]?.namedAt, before?.namedAt);
});
