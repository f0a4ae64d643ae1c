// A wall clock that jumps, and what becomes of the times that were given meanwhile.
import test from 'ava';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { takeBack } from '../../../../daemon/core/registry/taking-back.ts';
import { ClockLead } from '../../../../daemon/core/sync/clock-lead.ts';
import { packed, register, rowOf } from '../../../fixture/registry.ts';

const day = 24 * 3_600_000;
const hour = 3_600_000;
const start = 1_700_000_000_000;
const [first, second, third] = ['10.0.0.1:4000', '10.0.0.2:4000', '10.0.0.3:4000'];

/** Two registries that tell each other all, and the clocks of the first one's machine. */
function setUp({ peerClocks = (): number[] => [0] } = {}) {
  const registry = new Registry({ maxHosts: 100, server: 'a' });
  const peer = new Registry({ maxHosts: 100, server: 'b' });
  const clock = { mono: 5_000, offset: 0, now: () => start + clock.mono + clock.offset };
  const reports: string[] = [];
  const now = () => ({ mono: clock.mono, wall: clock.now() });
  const lead = new ClockLead(registry, { clocks: peerClocks, forgetClocks: () => {} }, now());
  let sent = 0;
  return {
    ...{ registry, peer, clock, reports, lead },
    add: (address: string) => register(registry, address, { now: clock.now() }),
    /** Seconds pass, ticks with them. */
    pass: (seconds: number) => {
      for (let tick = 0; tick < seconds * 4; tick++) {
        clock.mono += 250;
        reports.push(...lead.tick(now()));
      }
    },
    /** What the peer, whose clock is right, makes of what it was not told yet. */
    tell: () => {
      const outcomes: string[] = [];
      for (let row = registry.log.firstAfter(sent); row !== -1; row = registry.log.next(row)) {
        const change = registry.hostChange(row);
        const outcome = peer.merge(change, packed(change.address), start + clock.mono);
        outcomes.push(`${change.address} ${change.state} ${outcome}`);
      }
      sent = registry.log.last;
      return outcomes;
    },
  };
}

test('clock lead › a clock a day ahead for seconds: peers take what is registered later, and what was registered meanwhile', (t) => {
  const { clock, reports, add, pass, tell, registry, peer } = setUp();
  clock.offset = day;
  add(first);
  t.deepEqual(tell(), [`${first} live refused`]);
  pass(5);
  clock.offset = 0;
  pass(4);
  t.deepEqual(tell(), [`${first} live applied`]);
  add(second);
  t.deepEqual(tell(), [`${second} live applied`]);
  for (const address of [first, second]) {
    const [here, there] = [registry, peer].map((each) => each.hostChange(rowOf(each, address)));
    t.deepEqual(here, there);
    t.true((here?.version.ms ?? 0) <= clock.now());
    t.true((here?.lastSeen ?? 0) <= clock.now() && (here?.firstSeen ?? 0) <= clock.now());
  }
  t.deepEqual(
    reports.map((text) => text.replace(/;.*/, '')),
    [
      'the clock of this machine went forward by 24 h: it was set, or the machine slept',
      'the clock of this machine was set back by 24 h',
      "records with times up to 24 h ahead of this server's clock, which was wrong: 1",
    ],
  );
});

test('clock lead › once this clock is set, earlier measurements of the peers’ clocks no longer count', (t) => {
  const registry = new Registry({ maxHosts: 10, server: 'a' });
  let steps = 0;
  const membership = { clocks: () => [], forgetClocks: () => steps++ };
  const lead = new ClockLead(registry, membership, { mono: 0, wall: start });
  lead.tick({ mono: 1_000, wall: start + 1_400 });
  t.is(steps, 0);
  lead.tick({ mono: 2_000, wall: start + hour });
  lead.tick({ mono: 3_000, wall: start });
  t.is(steps, 2);
});

test('clock lead › records that are stamped anew are pending, and last in the change log', (t) => {
  const { clock, add, pass, registry } = setUp();
  add(second);
  clock.offset = day;
  add(first);
  registry.settle();
  clock.offset = 0;
  pass(4);
  t.deepEqual([...registry.pending().rows], [rowOf(registry, first)]);
  t.is(registry.log.entryOf(rowOf(registry, first)), registry.log.last);
  t.is(registry.versions.msOf(rowOf(registry, second)), start + 5_000);
});

test('clock lead › a restart with the right clock takes back the remaining stamps', (t) => {
  const { clock, add, registry } = setUp();
  clock.offset = day;
  add(first);
  const stored = { ...registry.stored(rowOf(registry, first)), nodeId: 'node' };
  clock.offset = 0;
  const restarted = Registry.restore([stored], {
    ...{ maxHosts: 10, horizon: 0, rows: 1, server: 'a', entry: 1, now: clock.now() },
  });
  const lead = new ClockLead(
    restarted,
    { clocks: () => [0], forgetClocks: () => {} },
    { mono: 0, wall: clock.now() },
  );
  for (let mono = 0; mono <= 4_000; mono += 250) lead.tick({ mono, wall: clock.now() + mono });
  t.true(restarted.versions.msOf(rowOf(restarted, first)) <= clock.now() + 4_000);
  t.is(restarted.log.entryOf(rowOf(restarted, first)), 2);
});

test('clock lead › a host that left while the clock was ahead has left everywhere; one that was deleted loses to any contact', (t) => {
  const { clock, add, pass, tell, registry, peer } = setUp();
  clock.offset = day;
  add(first);
  add(second);
  registry.remove(rowOf(registry, first), clock.now());
  pass(3_600);
  registry.expire(rowOf(registry, second), clock.now());
  register(peer, first, { now: start + clock.mono - 60_000 });
  register(peer, second, { now: start + clock.mono - 60_000 });
  clock.offset = 0;
  pass(4);
  t.deepEqual(tell(), [`${second} gone known`, `${first} gone applied`].sort());
  t.deepEqual(
    [first, second].map((address) => peer.isLive(rowOf(peer, address))),
    [false, true],
  );
});

test('clock lead › a host that was registered while the clock was ahead and deleted by the right one loses to any contact', (t) => {
  let heard: number[] = [];
  const { clock, add, pass, tell, registry, peer } = setUp({ peerClocks: () => heard });
  clock.offset = day;
  add(first);
  clock.offset = 0;
  pass(60);
  registry.expire(rowOf(registry, first), clock.now());
  register(peer, first, { now: clock.now() - 1_000 });
  heard = [0];
  pass(4);
  t.deepEqual(tell(), [`${first} gone known`]);
  t.true(peer.isLive(rowOf(peer, first)));
});

test('clock lead › a host that left while the clock was ahead has left everywhere, even after a restart', (t) => {
  const { clock, add, registry } = setUp();
  clock.offset = day;
  add(first);
  registry.remove(rowOf(registry, first), clock.now());
  const stored = { ...registry.stored(rowOf(registry, first)), nodeId: 'node' };
  clock.offset = 0;
  const restarted = Registry.restore([stored], {
    ...{ maxHosts: 10, horizon: 0, rows: 1, server: 'a', entry: 2, now: clock.now() },
  });
  takeBack(restarted, clock.now(), clock.now() + 60_000);
  t.is(restarted.versions.msOf(rowOf(restarted, first)), clock.now());
  const back = { ...restarted.hostChange(rowOf(restarted, first)), state: 'live' as const };
  const later = { ms: clock.now() + 1, counter: 0, server: 'b' };
  t.is(restarted.merge({ ...back, version: later }, packed(first), clock.now()), 'applied');
  t.false(restarted.left.has(rowOf(restarted, first)));
});

test('clock lead › a contact of another server’s host while the clock was ahead is published once its time is corrected', (t) => {
  const { clock, add, pass, tell, registry, peer } = setUp();
  registry.publishAfterMs = hour;
  register(peer, first, { now: clock.now() });
  registry.merge(peer.hostChange(rowOf(peer, first)), packed(first), clock.now());
  clock.offset = 70_000;
  add(first);
  t.deepEqual(tell(), []);
  clock.offset = 0;
  pass(4);
  t.true(registry.lastSeen.at(rowOf(registry, first)) <= clock.now());
  t.deepEqual(tell(), [`${first} live applied`]);
});

test('clock lead › another server’s record from too far ahead is replaced by what that server says now', (t) => {
  const { clock, add, pass, registry } = setUp();
  clock.offset = day;
  add(third);
  const change = registry.hostChange(rowOf(registry, third));
  const ahead = { ...change, address: first, version: { ...change.version, server: 'c' } };
  t.is(registry.merge(ahead, packed(first), clock.now()), 'applied');
  clock.offset = 0;
  pass(4);
  const corrected = { ...ahead, version: { ms: clock.now(), counter: 0, server: 'c' } };
  for (const time of ['firstSeen', 'lastSeen'] as const) corrected[time] = clock.now();
  t.is(registry.merge(corrected, packed(first), clock.now()), 'applied');
});

test('clock lead › a clock set back an hour, of which the peers say that it is wrong, keeps its lead: later changes win', (t) => {
  let behind = 0;
  const { clock, add, pass, tell, registry, reports } = setUp({ peerClocks: () => [behind] });
  add(first);
  tell();
  clock.offset = -hour;
  behind = hour;
  pass(10);
  registry.remove(rowOf(registry, first), clock.now());
  t.deepEqual(tell(), [`${first} gone applied`]);
  t.deepEqual(reports, ['the clock of this machine was set back by 60 min']);
});

test('clock lead › while no peer is heard, nothing is taken back, because either clock may be wrong', (t) => {
  let heard: number[] = [];
  const { clock, add, pass, tell } = setUp({ peerClocks: () => heard });
  clock.offset = day;
  add(first);
  tell();
  clock.offset = 0;
  pass(60);
  t.deepEqual(tell(), []);
  heard = [40];
  pass(4);
  t.deepEqual(tell(), [`${first} live applied`]);
});

test('clock lead › a clock a day ahead for seconds collects no tombstone and makes nobody a left-over', (t) => {
  const { clock, add, pass, registry } = setUp({
    peerClocks: () => [clock.offset === 0 ? 0 : -day],
  });
  add(first);
  add(second);
  registry.remove(rowOf(registry, first), clock.now());
  pass(10);
  const isLeftOver = () =>
    registry.isLeftOver({ lastSeen: registry.lastSeen.at(rowOf(registry, second)) }, clock.now());
  clock.offset = day + hour;
  pass(5);
  t.is(registry.gone.length, 1);
  t.false(isLeftOver());
  clock.offset = 0;
  pass(5);
  t.is(registry.gone.length, 1);
  pass(25 * 3_600);
  t.is(registry.gone.length, 0);
  t.true(isLeftOver());
});

test('clock lead › a server that starts with a clock a day ahead collects nothing before a peer confirms it', (t) => {
  let clocks: number[] = [-day];
  const { pass, add, registry, clock } = setUp({ peerClocks: () => clocks });
  add(first);
  registry.remove(rowOf(registry, first), clock.now() - 2 * day);
  registry.tombstoneMs = day;
  pass(60);
  t.is(registry.gone.length, 1);
  t.is(registry.clock.doubtedMs, Number.POSITIVE_INFINITY);
  clocks = [-day, 2_000];
  pass(1);
  t.is(registry.gone.length, 0);
});
