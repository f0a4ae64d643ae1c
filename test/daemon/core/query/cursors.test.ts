// What a cursor brings; and the list of a node that asks by cursor, through hosts that come and go, limits, workers,
// tombstones that are dropped and restarts of the name server: it is always the server's.
import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { ReplyMaker } from '../../../../daemon/core/query/reply-maker.ts';
import { served } from '../../../../daemon/core/query/verdict.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import type { Roster } from '../../../../daemon/core/registry/roster.ts';
import { RosterFeed, RosterReplica } from '../../../../daemon/core/registry/roster-feed.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';
import { native } from '../../../../shared/protocol/dialect.ts';
import type { Request } from '../../../../shared/protocol/message.ts';
import { createRandom, seed } from '../../../fixture/random.ts';
import {
  addressesOf,
  addressOf,
  packed,
  register,
  rowOf,
  rowsOf,
} from '../../../fixture/registry.ts';
import { epoch, Scene } from '../../../fixture/requests.ts';
import { decode, textOf } from '../../../shared/protocol/wire.ts';

const hosts = 3;
const options = { maxHosts: hosts + 1, server: 'here' };

const asker = '127.0.0.1:1';

/** A name server with one worker, which answers some of the queries. */
class Server {
  registry = new Registry(options);
  private feed = new RosterFeed(this.registry);
  private replica = this.replicate();
  private now = 1_000;

  constructor() {
    register(this.registry, asker);
  }

  comes(host: number): void {
    register(this.registry, addressOf(host), { now: this.now++ });
  }

  goes(host: number): void {
    const row = this.registry.find(packed(addressOf(host)), 0);
    if (row !== -1 && this.registry.isLive(row)) this.registry.remove(row, this.now++);
  }

  forgets(): void {
    this.registry.collectTombstones(Number.MAX_SAFE_INTEGER);
  }

  restarts(): void {
    const { registry } = this;
    const rows = [...rowsOf(registry.live), ...rowsOf(registry.gone)];
    const stored = rows.map((row) => {
      const host = registry.stored(row);
      const { words, nodeId } = host;
      const id = typeof nodeId === 'string' ? nodeId : Uint32Array.from(nodeId);
      return { ...host, words: Uint32Array.from(words), nodeId: id };
    });
    const { horizon, log } = registry;
    const used = { horizon, entry: log.last, rows: registry.rowsUsed };
    this.registry = Registry.restore(stored, { ...options, ...used });
    this.feed = new RosterFeed(this.registry);
    this.replica = this.replicate();
  }

  /** The reply of the registry or of the worker. */
  reply(isWorker: boolean, since: string | null, limit: number | null): string {
    const changes = this.feed.takeChanges();
    if (changes !== null) this.replica.apply(changes);
    const roster: Roster = isWorker ? this.replica : this.registry;
    const replies = new ReplyMaker({
      ...{ roster, serverId: 'here', epoch: 'e', random: createRandom() },
    });
    const words = [since && `since=${since}`, limit && `limit=${limit}`].filter(Boolean);
    const line = ['query n 1', ...words].join(' ');
    const [request] = decode(native, `${line}\n`) as unknown as [Request];
    const origin = { ip: packAddress('127.0.0.1', 1) as Uint32Array, dialect: 'native' as const };
    return textOf(native, replies.replyTo(request, served, origin));
  }

  private replicate(): RosterReplica {
    const replica = new RosterReplica(options.maxHosts + this.registry.rowsUsed + 8);
    for (const slice of this.feed.slices()) replica.apply(slice);
    replica.completed();
    return replica;
  }
}

/** A node that keeps the list. */
class Asker {
  readonly known = new Set<string>();
  private cursor: string | null = null;

  /** Asks until the reply is not partial; the first list is a full one. */
  ask(server: Server, isWorker: boolean, limit: number): void {
    for (let isPartial = true; isPartial; ) {
      const reply = server.reply(isWorker, this.cursor, this.cursor === null ? null : limit);
      const [, cursor = '', extent] =
        /^end \d+ (\S+)(?: (full|partial|partial unknown-cursor))?$/m.exec(reply) ?? [];
      const named = (word: string) =>
        [...reply.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].flatMap(([, list = '']) =>
          list.split(' '),
        );
      if (extent === 'full') this.known.clear();
      for (const address of named('gone')) this.known.delete(address);
      for (const address of named('hosts')) this.known.add(address);
      // What this list has besides is neither in the reply nor gone by it: only a full list tells.
      const isLost = extent === 'partial unknown-cursor';
      this.cursor = isLost ? null : cursor;
      isPartial = isLost || extent === 'partial';
    }
  }
}

type Step =
  | { do: 'comes'; host: number }
  | { do: 'goes'; host: number }
  | { do: 'restarts' }
  | { do: 'forgets' }
  | { do: 'asks'; asker: number; isWorker: boolean; limit: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('comes' as const, 'goes' as const),
        host: fc.nat({ max: hosts - 1 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constantFrom('restarts' as const, 'forgets') }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('asks' as const),
        asker: fc.nat({ max: 2 }),
        isWorker: fc.boolean(),
        limit: fc.integer({ min: 1, max: 4 }),
      }),
    },
  ),
  { maxLength: 40, size: 'max' },
);

test('cursors › a list that is kept by cursor is the list of the name server, whatever came, went and started again', (t) => {
  const run = (history: Step[]) => {
    const server = new Server();
    const askers = Array.from({ length: 3 }, () => new Asker());
    for (const step of history)
      if (step.do === 'comes') server.comes(step.host);
      else if (step.do === 'goes') server.goes(step.host);
      else if (step.do === 'restarts') server.restarts();
      else if (step.do === 'forgets') server.forgets();
      else {
        const node = askers[step.asker] as Asker;
        node.ask(server, step.isWorker, step.limit);
        const { registry } = server;
        const live = addressesOf(registry, registry.live).filter((each) => each !== asker);
        assert.deepEqual([...node.known].toSorted(), live.toSorted());
      }
  };
  fc.assert(fc.property(steps, run), { seed, numRuns: 300 });
  t.pass();
});

test('cursors › a cursor brings the hosts that came and went since then', (t) => {
  const scene = new Scene();
  scene.populate(3);
  const cursor = `since=${epoch}.3`;
  t.is(scene.ask('10.0.0.1', `query n1 4000 ${cursor}`), `end 0 ${epoch}.3\n`);
  scene.ask('10.0.0.4', 'alive n4 4000');
  scene.ask('10.0.0.2', 'leave n2 4000');
  t.is(
    scene.ask('10.0.0.1', `query n1 4000 ${cursor}`),
    `hosts 10.0.0.4:4000\ngone 10.0.0.2:4000\nend 1 ${epoch}.5\n`,
  );
});

test('cursors › a host that the asker has from elsewhere is called gone, unless it was there for less than a minute', (t) => {
  for (const [ms, gone] of [
    [59_000, ''],
    [60_000, 'gone 10.0.0.9:4000\n'],
  ] as const) {
    const scene = new Scene();
    scene.populate(1);
    const first = scene.ask('10.0.0.1', 'query n1 4000', ['10.0.0.9:4000']);
    t.is(first, `end 0 ${epoch}.1\n`, 'it is not known here yet');
    register(scene.registry, '10.0.0.9:4000', { now: 2_000 });
    scene.registry.remove(rowOf(scene.registry, '10.0.0.9:4000'), 2_000 + ms);
    const second = scene.ask('10.0.0.1', `query n1 4000 since=${epoch}.1`);
    t.is(second, `${gone}end 0 ${epoch}.3\n`);
  }
});

test('cursors › a limit with a cursor gives the oldest changes, and a cursor to go on from', (t) => {
  const scene = new Scene();
  scene.populate(4);
  scene.ask('10.0.0.2', 'leave n2 4000');
  const ask = (change: string) =>
    scene.ask('10.0.0.1', `query n1 4000 limit=2 since=${epoch}.${change}`);
  t.is(ask('1'), `hosts 10.0.0.3:4000 10.0.0.4:4000\nend 2 ${epoch}.4-1 partial\n`);
  t.is(ask('4-1'), `gone 10.0.0.2:4000\nend 0 ${epoch}.5\n`);
});

test('cursors › a cursor that is unknown here gets the full list', (t) => {
  const scene = new Scene();
  scene.populate(3);
  scene.ask('10.0.0.3', 'leave n3 4000');
  scene.registry.collectTombstones(Number.MAX_SAFE_INTEGER);
  // The horizon is 4 now: what went up to there may be forgotten.
  const full = `hosts 10.0.0.2:4000\nend 1 ${epoch}.4 full\n`;
  for (const cursor of [
    'ffff0000.4',
    `${epoch}.3`,
    `${epoch}.0`,
    `${epoch}.5`,
    `${epoch}.999999999999999`,
    `${epoch}.9999999999999999999`,
    `${epoch}.`,
    `${epoch}.4.1`,
    `${epoch}.4-5`,
    `${epoch}.3-2`,
    `${epoch}.4-`,
    `${epoch}.-4`,
    `${epoch}.4e0`,
    `${epoch}4`,
    epoch,
    '4',
    '.',
  ])
    t.is(scene.ask('10.0.0.1', `query n1 4000 since=${cursor}`), full, cursor);
  t.is(scene.ask('10.0.0.1', `query n1 4000 since=${epoch}.4`), `end 0 ${epoch}.4\n`);
});

test('cursors › a list that does not go on from the cursor in the request says so, if it is not a full one', (t) => {
  const scene = new Scene();
  scene.populate(3);
  const lastLine = (options: string, have?: string[]) =>
    scene.ask('10.0.0.1', `query n1 4000 ${options}`.trim(), have).split('\n').at(-2);
  const end = (count: number, words: string) => `end ${count} ${epoch}.3${words}`;
  t.is(lastLine('since=ffff0000.1 limit=1'), end(1, ' partial unknown-cursor'));
  t.is(lastLine('since=ffff0000.1 limit=2'), end(2, ' full'));
  t.is(lastLine(`since=${epoch}.1 limit=1`), `end 1 ${epoch}.2-1 partial`);
  t.is(lastLine('since=ffff0000.1 limit=1', ['10.0.0.9:1']), end(1, ' partial'));
  scene.isCatchingUp = true;
  t.is(lastLine('since=ffff0000.1'), end(2, ' partial unknown-cursor'));
  t.is(lastLine(''), end(2, ' partial'));
});

test('cursors › a have-list counts only when the cursor is unknown here', (t) => {
  const scene = new Scene();
  scene.populate(3);
  const have = ['10.0.0.2:4000'];
  t.is(
    scene.ask('10.0.0.1', `query n1 4000 since=${epoch}.1`, have),
    `hosts 10.0.0.2:4000 10.0.0.3:4000\nend 2 ${epoch}.3\n`,
  );
  t.is(
    scene.ask('10.0.0.1', 'query n1 4000 since=other.1', have),
    `hosts 10.0.0.3:4000\nend 1 ${epoch}.3\n`,
  );
});

test('cursors › tombstones that were collected before a delta is read make it a full list', (t) => {
  const scene = new Scene();
  scene.populate(3);
  scene.ask('10.0.0.3', 'leave n3 4000');
  const { reply } = scene.answer('10.0.0.1', `query n1 4000 since=${epoch}.3`);
  scene.registry.collectTombstones(Number.MAX_SAFE_INTEGER);
  t.is(textOf(native, reply), `hosts 10.0.0.2:4000\nend 1 ${epoch}.4 full\n`);
});
