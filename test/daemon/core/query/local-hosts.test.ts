// Address visibility (PROTOCOL.md, "Address visibility"): every way to ask, from a single process and
// from the replica of a worker.
import test from 'ava';
import { ReplyMaker } from '../../../../daemon/core/query/reply-maker.ts';
import { served } from '../../../../daemon/core/query/verdict.ts';
import type { Registry } from '../../../../daemon/core/registry/registry.ts';
import type { Roster } from '../../../../daemon/core/registry/roster.ts';
import { RosterFeed, RosterReplica } from '../../../../daemon/core/registry/roster-feed.ts';
import { AddressList } from '../../../../shared/protocol/address.ts';
import { native } from '../../../../shared/protocol/dialect.ts';
import { legacy } from '../../../../shared/protocol/legacy.ts';
import type { Reply, Request } from '../../../../shared/protocol/message.ts';
import { createRandom } from '../../../fixture/random.ts';
import { packed, register, registryOf, rowOf } from '../../../fixture/registry.ts';
import { decode, textOf } from '../../../shared/protocol/wire.ts';

const hosts = {
  public: ['192.0.2.1:4000', '[2001:db8::1]:4000'],
  private: ['10.0.0.1:4000', '[fd00::1]:4000'],
  linkLocal: ['169.254.0.1:4000', '[fe80::1]:4000'],
  loopback: ['127.0.0.1:4000', '[::1]:4000'],
  multicast: ['224.0.0.1:4000'],
};
const everybody = Object.values(hosts).flat();

const askers = [
  ['public', '192.0.2.9:4000', hosts.public],
  ['private', '10.9.9.9:4000', [...hosts.public, ...hosts.private]],
  ['link-local', '169.254.9.9:4000', [...hosts.public, ...hosts.private, ...hosts.linkLocal]],
  ['loopback', '127.0.0.9:4000', everybody],
] as const;

function replicaOf(registry: Registry, rows = 2_000): RosterReplica {
  const replica = new RosterReplica(rows);
  for (const slice of new RosterFeed(registry).slices()) replica.apply(slice);
  replica.completed();
  return replica;
}

function replyTo(
  request: Request & { verb: 'query' },
  { roster, asker, ...options }: { roster: Roster; asker: string; listsAll?: boolean },
): Reply {
  const replies = new ReplyMaker({
    ...{ roster, serverId: 'x', epoch: 'i', random: createRandom() },
    ...options,
  });
  const words = packed(asker);
  const origin = { ip: words.subarray(0, 4), dialect: 'native' as const };
  return replies.replyTo({ ...request, port: words[4] as number }, served, origin);
}

function listOf(roster: Roster, asker: string, line: string, options = {}): string {
  const [have, query = have] = line.split('\n');
  const [request] = decode(native, `${query}\n`) as unknown as [Request & { verb: 'query' }];
  request.have = query === have ? null : AddressList.of(have?.slice('have '.length) ?? '');
  return textOf(native, replyTo(request, { roster, asker, ...options }));
}

function namedIn(text: string, verb: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${verb} `));
  return lines.flatMap((line) => line.split(' ').slice(1)).toSorted();
}

for (const [kind, asker, told] of askers)
  test(`local hosts › a ${kind} asker gets the hosts that it can reach, however it asks`, (t) => {
    const registry = registryOf([...everybody, asker]);
    const expected = told.toSorted();
    for (const roster of [registry, replicaOf(registry)]) {
      for (const line of [
        'query n 4000',
        'query n 4000 since=i.0',
        'query n 4000 limit=100',
        `query n 4000 limit=${told.length}`,
        'query n 4000 since=i.0 limit=100',
        'have 192.0.2.77:4000\nquery n 4000',
        'have 192.0.2.77:4000\nquery n 4000 limit=100',
      ])
        t.deepEqual(namedIn(listOf(roster, asker, line), 'hosts'), expected, line);
      t.regex(listOf(roster, asker, 'query n 4000'), / full\n$/);
      t.regex(listOf(roster, asker, `query n 4000 limit=${told.length}`), / full\n$/);
      t.regex(listOf(roster, asker, `query n 4000 limit=${told.length - 1}`), / partial\n$/);
      // As often as there are hosts to draw.
      for (let draw = 0; draw < everybody.length; draw++)
        for (const drawn of namedIn(listOf(roster, asker, 'query n 4000 limit=1'), 'hosts'))
          t.true(expected.includes(drawn), drawn);
    }
  });

for (const [kind, asker, told] of askers)
  test(`local hosts › a ${kind} asker does not learn of other hosts when they go`, (t) => {
    const registry = registryOf([...everybody, asker]);
    const { change } = registry;
    for (const address of everybody) registry.remove(rowOf(registry, address), 9_000);
    const text = listOf(registry, asker, `query n 4000 since=i.${change}`);
    t.deepEqual(namedIn(text, 'gone'), told.toSorted());
  });

test('local hosts › a limit counts what is listed, and the cursor goes on after it', (t) => {
  const registry = registryOf([...everybody, '192.0.2.9:4000']);
  const ask = (line: string) => listOf(registry, '192.0.2.9:4000', line);
  const first = ask('query n 4000 since=i.0 limit=1');
  t.deepEqual(namedIn(first, 'hosts'), ['192.0.2.1:4000']);
  const cursor = /end 1 (\S+) partial/.exec(first)?.[1];
  const second = ask(`query n 4000 since=${cursor} limit=1`);
  t.deepEqual(namedIn(second, 'hosts'), ['[2001:db8::1]:4000']);
});

test('local hosts › text kept for one kind of asker is not sent to another, whoever comes and goes', (t) => {
  const registry = registryOf([...hosts.public, '192.0.2.9:4000', '127.0.0.9:4000']);
  registry.remove(rowOf(registry, '127.0.0.9:4000'), 1_500);
  const ask = () => namedIn(listOf(registry, '192.0.2.9:4000', 'query n 4000'), 'hosts');
  const whole = () => namedIn(listOf(registry, '127.0.0.9:4000', 'query n 4000'), 'hosts');
  t.deepEqual(ask(), hosts.public);
  register(registry, '127.0.0.1:4000', { now: 2_000 });
  t.deepEqual(ask(), hosts.public);
  t.true(whole().includes('127.0.0.1:4000'));
  registry.remove(rowOf(registry, '127.0.0.1:4000'), 3_000);
  t.deepEqual(ask(), hosts.public);
  t.false(whole().includes('127.0.0.1:4000'));
  // Its row is taken by another one.
  registry.collectTombstones(10_000);
  register(registry, '192.0.2.3:4000', { now: 4_000 });
  t.deepEqual(ask(), [...hosts.public, '192.0.2.3:4000'].toSorted());
});

test('local hosts › a network with LocalHosts=everyone lists every host to every asker', (t) => {
  const registry = registryOf([...everybody, '192.0.2.9:4000']);
  const text = listOf(registry, '192.0.2.9:4000', 'query n 4000', { listsAll: true });
  t.deepEqual(namedIn(text, 'hosts'), everybody.toSorted());
});

test('local hosts › an old node in an IPv6 network costs the IPv4 hosts that it gets, and no more', (t) => {
  const others = Array.from(
    { length: 5_000 },
    (_, index) => `[2001:db8::${index.toString(16)}]:40`,
  );
  const told = ['192.0.2.1:4000', '192.0.2.2:4000', '10.0.0.1:4000'];
  const asker = '10.9.9.9:4000';
  const registry = registryOf([...others, ...told, asker], 6_000);
  for (const roster of [registry, replicaOf(registry, 6_000)])
    for (const known of [[], told.slice(0, 1)]) {
      const [request] = decode(legacy, '1/n/4000/') as unknown as [Request & { verb: 'query' }];
      request.have = known.length === 0 ? null : AddressList.of(...known);
      const reply = replyTo(request, { roster, asker }) as Reply & { kind: 'hosts' };
      const batches = [...{ [Symbol.iterator]: () => reply.hosts }];
      const hosts = batches.reduce((sum, { length }) => sum + length, 0);
      t.is(hosts, told.length - known.length);
    }
});
