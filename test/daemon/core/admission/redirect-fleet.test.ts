// When a server counts as loaded, and servers that redirect to each other by reports a second old, on a virtual
// clock, over many seeds: however many nodes come and however slow they are, none is sent to and fro.
import test from 'ava';
import {
  isOverDeltaMark,
  isOverSoftMark,
} from '../../../../daemon/core/admission/redirect-targets.ts';
import { LoadState, Redirector } from '../../../../daemon/core/admission/redirector.ts';
import { Membership } from '../../../../daemon/core/sync/membership.ts';
import { membershipTimes } from '../../../../daemon/core/sync/peer.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';
import type { Request } from '../../../../shared/protocol/message.ts';
import { seed } from '../../../fixture/random.ts';
import { World } from '../../../sim/world.ts';

const asker = { ip: packAddress('10.9.9.1', 1) as Uint32Array, dialect: 'native' } as const;

/** Between two reports, and how long one is under way at most. */
const reportMs = 1_000;
const wayMs = 50;

class SimulatedServer {
  readonly limit: number;
  readonly address: string;
  readonly membership: Membership;
  readonly redirector: Redirector;
  backlog = 0;

  constructor(fleet: Fleet, index: number, limit: number) {
    const addresses = fleet.indexes.map(addressOf);
    this.address = addressOf(index);
    this.limit = limit;
    this.membership = new Membership(
      `server-${index}`,
      addresses.filter((address) => address !== this.address),
      membershipTimes(3_600_000),
    );
    const { random } = fleet.world;
    const load = () => ({ backlog: this.backlog, limit });
    this.redirector = new Redirector({ membership: this.membership, load, random, wall: 0 });
  }
}

function addressOf(index: number): string {
  return `10.0.0.${index + 1}:4524`;
}

interface Result {
  path: number[];
  outcome: 'serve' | 'sample' | 'busy';
}

class Fleet {
  readonly world: World;
  readonly indexes: number[];
  readonly servers: SimulatedServer[];
  readonly results: Result[] = [];

  constructor(from: number, limits: readonly number[]) {
    this.world = new World(from);
    this.indexes = [...limits.keys()];
    this.servers = limits.map((limit, index) => new SimulatedServer(this, index, limit));
    for (const index of this.indexes)
      this.world.after(this.world.random() * reportMs, () => this.report(index));
  }

  at(index: number): SimulatedServer {
    return this.servers[index] as SimulatedServer;
  }

  /** A client asks there, follows redirects, and once it is served keeps a place for a while. */
  ask(index: number, holdMs: number, path: number[] = []): void {
    const server = this.at(index);
    path.push(index);
    const request: Request = {
      ...{ nodeId: 'n', port: 1, limit: null, since: null, have: null },
      verb: 'query',
      hop: path.length - 1,
    };
    const hasRoom = server.backlog < server.limit;
    if (hasRoom) server.backlog++;
    const arrived = { request, origin: asker, isTurnedAway: !hasRoom };
    const verdict = server.redirector.decide(arrived, this.world.now);
    if (server.redirector.takeLoadChange(this.world.now)) this.tell(index);
    const isServed = verdict.kind === 'serve' || verdict.kind === 'sample';
    if (hasRoom) this.world.after(isServed ? holdMs : 0, () => server.backlog--);
    if (verdict.kind === 'error') throw new Error(verdict.text);
    if (verdict.kind !== 'redirect') {
      this.results.push({ path, outcome: verdict.kind });
      return;
    }
    const next = this.servers.findIndex(({ address }) => address === verdict.address);
    this.world.after(1 + this.world.below(wayMs), () => this.ask(next, holdMs, path));
  }

  private report(index: number): void {
    this.tell(index);
    this.world.after(reportMs, () => this.report(index));
  }

  private tell(index: number): void {
    const { backlog, limit, address } = this.at(index);
    this.world.after(1 + this.world.below(wayMs), () => {
      for (const { membership } of this.servers) {
        const peer = membership.at(address);
        if (peer === null) continue;
        peer.noteMessage({ mono: this.world.now, wall: 0 });
        peer.load = { backlog, limit, live: 0 };
        peer.loadAt = this.world.now;
      }
    });
  }
}

/** Servers of several sizes, and more clients than they can take for a while, most at one of them. */
function crowded(from: number): Fleet {
  const choices = new World(from);
  const limits = Array.from(
    { length: 2 + choices.below(3) },
    () => [8, 20, 100][choices.below(3)] as number,
  );
  const fleet = new Fleet(from, limits);
  const { world } = fleet;
  const holdMs = [5, 200, 3_000][choices.below(3)] as number;
  const perSecond = ((0.5 + choices.random()) * 100_000 * limits.length) / (holdMs + 50);
  const favourite = choices.below(limits.length);
  world.run(2 * reportMs);
  for (let at = 0; at < 6_000; at += (2 * world.random() * 1_000) / Math.min(perSecond, 1_000))
    world.after(at, () => {
      const index = world.random() < 0.7 ? favourite : world.below(limits.length);
      fleet.ask(index, holdMs * (0.5 + world.random()));
    });
  world.run(20_000);
  return fleet;
}

test('redirect fleet › no node is redirected more than twice, and hardly any back to where it was', (t) => {
  t.log(`seed ${seed}`);
  const counts = { clients: 0, redirected: 0, again: 0, back: 0 };
  for (let round = 0; round < 100; round++) {
    const { servers, results } = crowded(seed + round);
    for (const { path } of results) {
      counts.clients++;
      if (path.length > 1) counts.redirected++;
      if (path.length > 2) counts.again++;
      if (new Set(path).size === path.length) continue;
      counts.back++;
      if (servers.length === 2) t.fail(`seed ${seed + round}: ${path}`);
    }
    t.true(results.every(({ path }) => path.length <= 3));
    t.true(servers.every(({ backlog }) => backlog === 0));
  }
  t.log(JSON.stringify(counts));
  t.true(counts.redirected > 0.05 * counts.clients);
  t.true(counts.again > 0 && counts.back < 0.01 * counts.redirected);
});

test('redirect fleet › a crowd at one server is served by those with room', (t) => {
  for (const [holdMs, perSecond] of [
    [20, 6_000],
    [1_000, 150],
  ] as const) {
    const fleet = new Fleet(seed, [100, 100, 100]);
    fleet.world.run(2 * reportMs);
    for (let at = 0; at < 10_000; at += 1_000 / perSecond)
      fleet.world.after(at, () => fleet.ask(0, holdMs));
    fleet.world.run(30_000);
    const served = fleet.results.filter(({ outcome }) => outcome === 'serve').length;
    const share = served / fleet.results.length;
    t.log(`${perSecond} a second, ${holdMs} ms each: ${Math.round(100 * share)} % served`);
    t.true(share > 0.9, `${share}`);
  }
});

/** The first backlog that is over a mark. */
function firstOver(isOver: typeof isOverSoftMark, limit: number): number {
  let backlog = 0;
  while (!isOver({ backlog, limit })) backlog++;
  return backlog;
}

test('redirect marks › they are 80 % and 90 % of Backlog, and never a single request', (t) => {
  const limits = [1, 2, 3, 5, 8, 10, 100, 65_535];
  const marks = (isOver: typeof isOverSoftMark) => limits.map((limit) => firstOver(isOver, limit));
  t.deepEqual(marks(isOverSoftMark), [2, 2, 3, 4, 7, 8, 80, 52_428]);
  t.deepEqual(marks(isOverDeltaMark), [2, 2, 3, 5, 8, 9, 90, 58_982]);
});

/** Whether a server is loaded with one backlog after the other. */
function course(limit: number, backlogs: number[]): boolean[] {
  const state = new LoadState();
  return backlogs.map((backlog) => state.look({ backlog, limit }));
}

test('redirect marks › a server is loaded from 80 % on, until it is below 60 %', (t) => {
  const [is, not] = [true, false];
  const backlogs = [0, 79, 80, 100, 79, 60, 59, 60, 79, 80];
  t.deepEqual(course(100, backlogs), [not, not, is, is, is, is, not, not, not, is]);
  t.deepEqual(course(8, [6, 7, 5, 4, 6, 7]), [not, is, is, not, not, is]);
  t.deepEqual(course(1, [1, 1, 0]), [false, false, false]);
});

test('redirect marks › a backlog that swings around one mark does not flap', (t) => {
  for (const around of [80, 60]) {
    const swinging = Array.from({ length: 1_000 }, (_, index) => around + (index % 11) - 5);
    const said = course(100, [around === 80 ? 0 : 100, ...swinging]);
    const flips = said.filter((isLoaded, index) => index > 0 && isLoaded !== said[index - 1]);
    t.is(flips.length, 1, `around ${around}`);
  }
});

test('redirect marks › a change is reported to the peers, at most once in 50 ms', (t) => {
  const state = new LoadState();
  const times = [0, 1, 2, 3, 50, 51, 52, 110];
  const backlogs = [79, 80, 80, 0, 0, 0, 0, 80];
  const reportedAt = times.filter((mono, index) => {
    state.look({ backlog: backlogs[index] as number, limit: 100 });
    return state.takeChange(mono);
  });
  t.deepEqual(reportedAt, [1, 51, 110]);
});
