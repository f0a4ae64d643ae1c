// Suspects with several name servers: the second opinion, and servers
// that come and go. One shared registry stands for replication that takes no time.
import test from 'ava';
import type { Expiry } from '../../../../daemon/core/expiry/expiry.ts';
import type {
  ExpiryEffect,
  OpinionRequest,
  Ping,
} from '../../../../daemon/core/expiry/expiry-effects.ts';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { PingPatience } from '../../../../daemon/core/expiry/ping-patience.ts';
import { participant, rank } from '../../../../daemon/core/expiry/rendezvous.ts';
import {
  maxAsking,
  maxPinging,
  maxSuspects,
  Suspects,
} from '../../../../daemon/core/expiry/suspects.ts';
import { ExpiryWorld, type WorldOptions } from '../../../fixture/expiry-world.ts';
import { addresses, packed, registryOf, rowOf } from '../../../fixture/registry.ts';

const minute = 60_000;
const hour = 60 * minute;

const friend = '10.9.9.9:4000';
const dead = '10.0.0.1:4000';
const servers = ['a', 'b', 'c'];

const ranksOf = (ids: readonly string[]) => rank(packed(dead), 0, ids.map(participant));
const [owner, second] = ranksOf(servers) as [string, string];
const third = servers.find((id) => id !== owner && id !== second) as string;

/** Three servers at the moment when the owner pings `dead` for the first time; all are in touch. */
function worldAtFirstPing(options: WorldOptions = { servers }): ExpiryWorld {
  const world = new ExpiryWorld(options);
  world.knew(dead, 0);
  world.silence([dead]);
  world.every(minute / 2, () => {
    for (const id of world.servers.keys()) world.contact(friend, id);
  });
  world.runUntil(() => world.lines(`ping ${dead}`).length > 0, 1.1 * hour);
  world.transcript = world.lines(dead);
  return world;
}

/** What each server did about `dead`, without times. */
const story = (world: ExpiryWorld) =>
  world.lines(dead).map((line) => line.replace(/^\S+ /, '').replace(` ${dead}`, ''));

const threePings = [`${owner} ping`, `${owner} ping`, `${owner} ping`];
const passedOver = [
  `${owner} opinion of ${second}`,
  `${owner} opinion of ${third}`,
  `${owner} expired`,
];

test('suspects › "then a second opinion from rank 2 (another name server, when there is one)"', (t) => {
  const world = worldAtFirstPing();
  world.runUntil(() => world.live.length === 1, 10 * minute);
  t.deepEqual(story(world), [...threePings, `${owner} opinion of ${second}`, `${owner} expired`]);
});

test('suspects › a server without an opinion is passed over: the next one in order is asked', (t) => {
  const world = worldAtFirstPing();
  world.opinionsOf.set(second, 'none');
  world.runUntil(() => world.live.length === 1, 10 * minute);
  t.deepEqual(story(world), [...threePings, ...passedOver]);
});

test('suspects › a server that does not answer in time is passed over', (t) => {
  const world = worldAtFirstPing();
  world.opinionsOf.set(second, 'silent');
  world.runUntil(() => world.live.length === 1, 10 * minute);
  const [asked, next] = world.lines('opinion').map((line) => Number.parseFloat(line) * minute);
  t.true((next as number) - (asked as number) >= expiryIntervals(hour).opinionMs);
  t.deepEqual(story(world).slice(3), passedOver);
});

test('suspects › when no other server has an opinion for a whole cycle, the owner decides alone', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'none';
  world.run(4.8 * minute);
  t.deepEqual(world.lines('expired'), []);
  t.is(world.lines('opinion').length, 4, 'both of them, and again');
  world.run(2 * minute);
  t.is(world.lines('opinion').length, 6);
  t.is(world.lines('expired').length, 1);
});

test('suspects › the owner waits for a server that merely does not answer', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'none';
  world.opinionsOf.set(third, 'silent');
  world.run(20 * minute);
  t.deepEqual(world.lines('expired'), []);
  world.servers.delete(third);
  world.run(2 * minute);
  t.is(world.lines('expired').length, 1);
});

test('suspects › a server that may not judge leaves the host to the next one', (t) => {
  const world = worldAtFirstPing();
  // Packets arrive at the owner, but none from it arrives.
  world.opinions = 'judged';
  world.unheard.add(owner);
  world.runUntil(() => world.live.length === 1, 20 * minute);
  t.true(world.lines('deletes canaries').some((line) => line.includes(` ${owner} `)));
  const told = story(world);
  t.false(told.includes(`${owner} expired`));
  t.deepEqual(told.slice(-1), [`${second} expired`]);
  t.true(told.filter((line) => line === `${second} ping`).length >= 3);
});

test('suspects › a host that its owner cannot ping is judged by the next server', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'judged';
  world.routeless.add(owner);
  world.runUntil(() => world.live.length === 1, 20 * minute);
  t.deepEqual(story(world).slice(-1), [`${second} expired`]);
});

test('suspects › a host that its owner cannot ping stays when it answers the next server', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'judged';
  world.routeless.add(owner);
  world.manners.set(dead, 'answers');
  world.run(3 * hour);
  t.is(world.live.length, 2);
  t.true(world.now.wall - world.lastSeen(dead) < 1.2 * hour);
});

test('suspects › the current second server is asked for its opinion', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'silent';
  world.runUntil(() => world.lines('opinion').length > 0, 5 * minute);
  world.servers.delete(second);
  world.opinions = 'honest';
  world.run(2 * minute);
  t.deepEqual(story(world), [...threePings, ...passedOver]);
});

test('suspects › when no other server is left, the owner decides alone', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'silent';
  world.runUntil(() => world.lines('opinion').length > 0, 5 * minute);
  world.servers.delete(second);
  world.servers.delete(third);
  world.run(2 * minute);
  t.is(world.lines('expired').length, 1);
});

test('suspects › a server that comes back before the delete is asked first', (t) => {
  const world = worldAtFirstPing({ servers: [owner] });
  world.runUntil(() => world.expiry.status().condemned === 1, 5 * minute);
  world.startServer(second);
  world.run(2 * minute);
  t.deepEqual(world.lines('opinion').length, 1);
  t.is(world.lines('expired').length, 1);
  t.deepEqual(story(world).slice(-2), [`${owner} opinion of ${second}`, `${owner} expired`]);
});

test('suspects › the opinion `alive` is hearsay: it changes nothing, but the host is not pinged for a cycle', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'alive';
  const seen = world.lastSeen(dead);
  world.run(4 * minute);
  t.is(world.lastSeen(dead), seen);
  t.deepEqual(story(world), [...threePings, `${owner} opinion of ${second}`]);
  world.run(2 * minute);
  t.is(world.lines(`ping ${dead}`).length, 4, 'pinged again');
  t.is(world.live.length, 2);
});

test('suspects › the opinion `alive`, followed by the replicated contact, resets the clock', (t) => {
  const world = worldAtFirstPing();
  world.run(2.42 * minute);
  world.manners.set(dead, 'answers');
  world.run(30 * minute);
  t.deepEqual(story(world), [...threePings, `${owner} opinion of ${second}`]);
  t.is(world.live.length, 2);
});

test('suspects › a contact before the opinion arrives clears the suspicion', (t) => {
  const world = worldAtFirstPing();
  world.opinions = 'silent';
  world.runUntil(() => world.lines('opinion').length > 0, 5 * minute);
  world.contact(dead, third);
  world.opinions = 'dead';
  world.run(10 * minute);
  t.deepEqual(world.lines('expired'), []);
});

test('suspects › a server that is no longer the owner drops the suspicion', (t) => {
  const alone = ranksOf([second, third])[0] as string;
  const world = worldAtFirstPing({ servers: [second, third] });
  world.run(2 * minute);
  t.deepEqual(story(world), [`${alone} ping`, `${alone} ping`]);
  world.startServer(owner);
  world.transcript = [];
  world.run(1.5 * minute);
  t.deepEqual(new Set(story(world)), new Set([`${owner} ping`]));
  t.like((world.servers.get(alone) as Expiry).status(), { due: 0, suspects: 0 });
});

/** Suspects of a server that shares a registry of this many hosts with another, and owns some. */
function suspectsOf(hosts: number, attempts: number) {
  const registry = registryOf(addresses(hosts));
  const intervals = expiryIntervals(hour, attempts);
  const participants = ['a', 'b'].map(participant);
  const suspects = new Suspects({
    registry,
    self: 'a',
    intervals,
    attempts,
    patience: new PingPatience(),
  });
  for (let row = 0; row < hosts; row++) suspects.suspect(row, participants);
  const advance = (mono: number, mayJudge = true) => {
    const effects: ExpiryEffect[] = [];
    suspects.advance(mono, participants, { mayJudge, mayAsk: mayJudge, isProved: true }, effects);
    return effects;
  };
  const isPing = (effect: ExpiryEffect) => effect.kind === 'ping';
  const isOpinion = (effect: ExpiryEffect) => effect.kind === 'opinion';
  return {
    registry,
    suspects,
    advance,
    pings: (mono: number) => advance(mono).filter(isPing) as Ping[],
    opinions: (mono: number) => advance(mono).filter(isOpinion) as OpinionRequest[],
  };
}

test('suspects › a contact ends the suspicion, also while the clock is set back', (t) => {
  const { registry, suspects, pings } = suspectsOf(1, 3);
  t.is(pings(0).length, 1);
  const before = registry.lastSeen.at(0);
  registry.seen(0, before - hour);
  suspects.sweep();
  t.is(suspects.size, 0);
});

test('suspects › a failed ping from before a restart does not count', (t) => {
  const { suspects, pings } = suspectsOf(10, 3);
  const before = pings(0);
  suspects.restart();
  const after = pings(1);
  t.deepEqual(
    after.map(({ address }) => address),
    before.map(({ address }) => address),
  );
  for (const ping of before) suspects.pingEnded(ping, false);
  t.is(suspects.failing, 0);
  t.is(suspects.pinging, after.length);
  for (const ping of after) suspects.pingEnded(ping, false);
  t.is(suspects.failing, after.length);
});

test('suspects › a ping from before a restart keeps its place until it ends', (t) => {
  const { suspects, pings } = suspectsOf(2_000, 3);
  t.is(pings(0).length, maxPinging);
  suspects.restart();
  t.is(pings(1).length, 0);
  t.is(pings(5_000).length, maxPinging, 'the time of the old pings has passed');
});

test('suspects › an opinion requested before a restart is ignored after it', (t) => {
  const { suspects, pings, opinions } = suspectsOf(4, 1);
  for (const ping of pings(0)) suspects.pingEnded(ping, false);
  const asked = opinions(1);
  t.true(asked.length > 0);
  suspects.restart();
  for (const request of asked) suspects.opinionGiven(request, 'dead', 2);
  t.is(suspects.condemned.size, 0);
  t.is(pings(3).length, asked.length);
});

test('suspects › at most 512 opinions are requested at once', (t) => {
  const { suspects, advance } = suspectsOf(3_000, 1);
  const asked: OpinionRequest[] = [];
  for (let mono = 0; mono < 4; mono++)
    for (const effect of advance(mono))
      if (effect.kind === 'ping') suspects.pingEnded(effect, false);
      else asked.push(effect as OpinionRequest);
  t.is(asked.length, maxAsking);
  suspects.opinionGiven(asked[0] as OpinionRequest, 'dead', 5);
  t.is(advance(6).filter(({ kind }) => kind === 'opinion').length, 1);
  t.is(suspects.condemned.size, 1);
});

test('suspects › at most 20,000 hosts are suspected', (t) => {
  const { registry, suspects } = suspectsOf(50_000, 3);
  t.is(suspects.size, maxSuspects);
  const rows = Array.from({ length: 50_000 }, (_, row) => row);
  const left = rows.filter((row) => !suspects.suspect(row, ['a', 'b'].map(participant)));
  t.true(left.length > 0);
  t.deepEqual(
    left.filter((row) => suspects.at(row) !== null || !registry.isLive(row)),
    [],
  );
});

test('suspects › a contact at a server whose clock is behind clears the suspicion by its version', (t) => {
  const { registry, suspects, pings } = suspectsOf(10, 3);
  const [ping] = pings(0);
  const row = rowOf(registry, (ping as Ping).address);
  t.not(suspects.at(row), null);
  const { address, nodeId, firstSeen, lastSeen } = registry.record(row);
  const { ms } = registry.versions.get(row);
  const version = { ms: ms + 1, counter: 0, server: 'b' };
  const host = { address, nodeId, state: 'live', dialect: 'native', firstSeen } as const;
  registry.merge({ ...host, version, lastSeen: lastSeen - 1 }, packed(address), hour);
  t.is(registry.lastSeen.at(row), lastSeen);
  t.is(suspects.at(row), null);
});

test('suspects › no opinion is requested while deletions are frozen', (t) => {
  const { suspects, advance, pings, opinions } = suspectsOf(20, 2);
  for (const mono of [0, hour]) for (const ping of pings(mono)) suspects.pingEnded(ping, false);
  t.deepEqual(advance(hour + 1, false), []);
  t.true(opinions(hour + 2).length > 0);
});

test('suspects › a left-over is pinged by the server that has it, and deleted without a second opinion', (t) => {
  const registry = registryOf([dead]);
  const intervals = expiryIntervals(hour, 2);
  const participants = servers.map(participant);
  const story = (self: string, isLeftOver: boolean) => {
    const suspects = new Suspects({
      registry,
      self,
      intervals,
      attempts: 2,
      patience: new PingPatience(),
    });
    suspects.suspect(rowOf(registry, dead), participants, isLeftOver);
    const effects: ExpiryEffect[] = [];
    const allowed = { mayJudge: true, mayAsk: true, isProved: true };
    for (const mono of [0, hour, hour + 1]) {
      const before = effects.length;
      suspects.advance(mono, participants, allowed, effects);
      for (const effect of effects.slice(before))
        if (effect.kind === 'ping') suspects.pingEnded(effect, false);
    }
    return effects.map((effect) => (effect.kind === 'opinion' ? effect.server : effect.kind));
  };
  t.deepEqual(story(third, false), []);
  t.deepEqual(story(third, true), ['ping', 'ping']);
  t.deepEqual(story(owner, true), ['ping', 'ping']);
  t.deepEqual(story(owner, false), ['ping', 'ping', second]);
});
