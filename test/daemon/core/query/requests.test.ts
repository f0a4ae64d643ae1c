// What each request does to the registry, and its reply.
import test from 'ava';
import type { NodeRequest } from '../../../../daemon/core/query/registrar.ts';
import { unstored } from '../../../../daemon/core/query/reply-maker.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';
import { ChunkWriter } from '../../../../shared/protocol/chunk-writer.ts';
import { native } from '../../../../shared/protocol/dialect.ts';
import { addressesOf, register, rowOf } from '../../../fixture/registry.ts';
import { type Answer, epoch, Scene } from '../../../fixture/requests.ts';
import { textOf } from '../../../shared/protocol/wire.ts';

function outcome({ reply, effect }: Answer): [string, string | null] {
  return [reply.kind, effect];
}

test('request › the reply to a ping is the id of the server, and it registers no host', (t) => {
  const scene = new Scene();
  t.is(scene.ask('10.0.0.1', 'ping'), 'pong 0123456789abcdef\n');
  t.is(scene.registry.live.length, 0);
});

test('request › a query registers the asker under the address it came from', (t) => {
  const scene = new Scene();
  t.is(scene.ask('10.0.0.1', 'query a 4000'), `end 0 ${epoch}.1 full\n`);
  t.deepEqual(addressesOf(scene.registry, scene.registry.live), ['10.0.0.1:4000']);
  t.is(scene.ask('fd00::1', 'query b 5000'), `hosts 10.0.0.1:4000\nend 1 ${epoch}.2 full\n`);
  t.deepEqual(
    [scene.counters.queries, scene.counters.registered, scene.counters.refreshed],
    [2, 2, 0],
  );
});

test('request › queries in the legacy dialect are counted among all, and by themselves', (t) => {
  const { registrar, counters } = new Scene();
  const ip = packAddress('10.0.0.1', 1) as Uint32Array;
  const request = { verb: 'query', nodeId: 'a', port: 4000, have: null } as unknown as NodeRequest;
  registrar.carryOut(request, { ip, dialect: 'legacy' }, 1_000);
  registrar.carryOut(request, { ip, dialect: 'udp' }, 1_001);
  t.deepEqual([counters.queries, counters.legacyQueries], [2, 1]);
});

test('request › an IPv4 asker on an IPv6 socket is the IPv4 host', (t) => {
  const scene = new Scene();
  scene.ask('::ffff:10.0.0.1', 'alive a 4000');
  scene.ask('10.0.0.1', 'alive a 4000');
  t.deepEqual(addressesOf(scene.registry, scene.registry.live), ['10.0.0.1:4000']);
});

test('request › the asker is never in its own list, whatever its query', (t) => {
  const scene = new Scene();
  scene.populate(3);
  const self = '10.0.0.2:4000';
  for (const [options, have] of [
    ['', undefined],
    [' limit=10', undefined],
    [' limit=2', undefined],
    [` since=${epoch}.0`, undefined],
    [` since=${epoch}.0 limit=1`, undefined],
    ['', ['10.0.0.1:4000']],
    [' limit=10', ['10.0.0.1:4000']],
  ] as const)
    t.false(
      scene.ask('10.0.0.2', `query n2 4000${options}`, have && [...have]).includes(self),
      options,
    );
});

test('request › "the server will only respond with a list of the remaining existing nodes"', (t) => {
  const scene = new Scene();
  scene.populate(5);
  scene.ask('10.0.0.5', 'leave n5 4000');
  // The node knows 1 and 2, one that is gone, and one that nobody else ever heard of.
  const have = ['10.0.0.1:4000', '10.0.0.2:4000', '10.0.0.5:4000', '192.0.2.1:1'];
  t.is(
    scene.ask('10.0.0.9', 'query n9 4000', have),
    `hosts 10.0.0.3:4000 10.0.0.4:4000\ngone 10.0.0.5:4000\nend 2 ${epoch}.7\n`,
  );
});

test('request › a limit gives a sample, which is marked when it leaves hosts out', (t) => {
  const scene = new Scene();
  scene.populate(6);
  const ends = (limit: number, have?: string[]) =>
    scene.ask('10.0.0.1', `query n1 4000 limit=${limit}`, have).split('\n').at(-2);
  t.is(ends(4), `end 4 ${epoch}.6 partial`);
  t.is(ends(5), `end 5 ${epoch}.6 full`);
  t.is(ends(6), `end 5 ${epoch}.6 full`);
  const have = ['10.0.0.2:4000', '10.0.0.3:4000'];
  t.is(ends(2, have), `end 2 ${epoch}.6 partial`);
  t.is(ends(4, have), `end 3 ${epoch}.6`);
});

test('request › `alive` registers or refreshes the host, and lists nothing', (t) => {
  const scene = new Scene();
  t.deepEqual(outcome(scene.answer('10.0.0.1', 'alive a 4000')), ['ok', 'registered']);
  t.deepEqual(outcome(scene.answer('10.0.0.1', 'alive a 4000')), ['ok', 'unchanged']);
  const { firstSeen, lastSeen } = scene.registry.record(rowOf(scene.registry, '10.0.0.1:4000'));
  t.deepEqual([firstSeen, lastSeen], [1_000, 1_001]);
  t.deepEqual([scene.counters.alives, scene.counters.refreshed], [2, 1]);
});

test('request › an unknown host that leaves gets a tombstone, within the budget of its source', (t) => {
  const scene = new Scene({ maxHosts: 10_000 });
  const leave = (from: string, port: number) => scene.answer(from, `leave x ${port}`).reply;
  for (let port = 1; port <= 256; port++) t.is(leave('192.0.2.1', port).kind, 'ok');
  t.is(scene.registry.gone.length, 256);
  t.like(leave('192.0.2.1', 257), { kind: 'error', code: 'not-stored' });
  t.like(
    leave('192.0.2.1', 1),
    { kind: 'error', code: 'not-stored' },
    'a repeated leave costs as much',
  );
  t.is(scene.registry.gone.length, 256);
  t.is(leave('192.0.2.2', 1).kind, 'ok', 'another source');
  scene.now += 10_000;
  t.deepEqual([leave('192.0.2.1', 257).kind, leave('192.0.2.1', 258).kind], ['ok', 'error']);
  for (let host = 0; host < 600; host++) {
    const ip = `2001:db8:0:${(host % 2).toString(16)}::${(host + 1).toString(16)}`;
    t.is(leave(ip, 1).kind, host < 512 ? 'ok' : 'error', 'by /64');
  }
});

test('request › unknown hosts do not crowd out the tombstones of others', (t) => {
  const scene = new Scene({ maxHosts: 40 });
  scene.populate(5);
  for (let i = 1; i <= 5; i++) scene.ask(`10.0.0.${i}`, `leave n${i} 4000`);
  for (let i = 1; i <= 20; i++) scene.ask(`192.0.2.${i}`, 'leave x 4000');
  const gone = addressesOf(scene.registry, scene.registry.gone);
  t.is(gone.length, 6);
  t.deepEqual(
    gone.slice(0, 5),
    [1, 2, 3, 4, 5].map((i) => `10.0.0.${i}:4000`),
  );
});

test('request › `leave` removes a host, and is accepted from an unknown one', (t) => {
  const scene = new Scene();
  scene.populate(1);
  t.deepEqual(outcome(scene.answer('10.0.0.1', 'leave n1 4000')), ['ok', 'left']);
  t.deepEqual(outcome(scene.answer('10.0.0.1', 'leave n1 4000')), ['ok', 'unchanged']);
  t.deepEqual(outcome(scene.answer('10.0.0.7', 'leave x 1')), ['ok', 'unchanged']);
  t.deepEqual([scene.counters.leaves, scene.counters.left], [3, 1]);
  t.deepEqual(outcome(scene.answer('10.0.0.1', 'alive n1 4000')), ['ok', 'returned']);
});

test('request › a host is removed only with its node id', (t) => {
  const scene = new Scene();
  scene.populate(1);
  t.is(
    scene.ask('10.0.0.1', 'leave other 4000'),
    'error wrong-node-id 10.0.0.1:4000 is registered under another node id than other; leave with the id it was registered with\n',
  );
  t.deepEqual(addressesOf(scene.registry, scene.registry.live), ['10.0.0.1:4000']);
  t.is(scene.counters.left, 0);
});

test('request › a full registry refuses newcomers and serves its own hosts', (t) => {
  const scene = new Scene({ maxHosts: 2 });
  scene.populate(2);
  const refused = 'error registry-full the registry is full (2 hosts); use another name server\n';
  t.is(scene.ask('10.0.0.3', 'query n3 4000'), refused);
  t.is(scene.ask('10.0.0.3', 'alive n3 4000'), refused);
  t.is(scene.ask('10.0.0.1', 'query n1 4000'), `hosts 10.0.0.2:4000\nend 1 ${epoch}.2 full\n`);
  t.deepEqual([scene.counters.registryFull, scene.counters.registered], [2, 2]);
});

test('request › a list covers the changes up to its request, however late it is read', (t) => {
  const scene = new Scene();
  scene.populate(2);
  const replies = ['', ` since=${epoch}.0`, ' limit=9'].map(
    (options) => scene.answer('10.0.0.1', `query n1 4000${options}`).reply,
  );
  register(scene.registry, '10.0.0.8:4000');
  scene.registry.remove(rowOf(scene.registry, '10.0.0.8:4000'), 2_000);
  register(scene.registry, '10.0.0.9:4000');
  t.deepEqual(
    replies.map((reply) => textOf(native, reply)),
    [' full', '', ' full'].map((extent) => `hosts 10.0.0.2:4000\nend 1 ${epoch}.2${extent}\n`),
  );
  t.is(
    scene.ask('10.0.0.1', `query n1 4000 since=${epoch}.2`),
    `hosts 10.0.0.9:4000\nend 1 ${epoch}.5\n`,
    'a host that came and went in between is not reported',
  );
});

test('request › a reply that is not read yet holds no hosts in memory', (t) => {
  const scene = new Scene({ maxHosts: 20_000 });
  for (let i = 0; i < 20_000; i++) register(scene.registry, `10.1.${i >> 8}.${i & 255}:4000`);
  const before = process.memoryUsage().arrayBuffers;
  const replies = Array.from({ length: 200 }, (_, index) =>
    scene.answer('10.1.0.0', `query n 4000 ${index % 2 ? 'limit=19000' : `since=${epoch}.1`}`),
  );
  // Made at once, they would be 380 KB each.
  t.true(process.memoryUsage().arrayBuffers - before < 1_000_000);
  t.is(replies.length, 200);
});

test('request › a failed commit is reported after the hosts of a list, and in place of ok', (t) => {
  const scene = new Scene();
  scene.populate(2);
  const failure = { code: 'not-stored', text: 'the disk is full' } as const;
  const said = (line: string) =>
    textOf(native, unstored(scene.answer('10.0.0.1', line).reply, failure));
  t.is(said('query n1 4000'), 'hosts 10.0.0.2:4000\nerror not-stored the disk is full\n');
  t.is(said('alive n1 4000'), 'error not-stored the disk is full\n');
  t.is(said('leave n1 4000'), 'error not-stored the disk is full\n');
  t.is(said('ping'), 'pong 0123456789abcdef\n');
});

test('request › while the server catches up with its peers no list is full, and the cursor brings the rest', (t) => {
  const scene = new Scene();
  scene.populate(3);
  scene.isCatchingUp = true;
  t.is(
    scene.ask('10.0.0.1', 'query n1 4000'),
    `hosts 10.0.0.2:4000 10.0.0.3:4000\nend 2 ${epoch}.3 partial\n`,
  );
  t.is(scene.ask('10.0.0.1', 'query n1 4000 limit=10').split('\n')[1], `end 2 ${epoch}.3 partial`);
  t.is(
    scene.ask('10.0.0.1', `query n1 4000 since=${epoch}.2`),
    `hosts 10.0.0.3:4000\nend 1 ${epoch}.3\n`,
    'a delta needs no such mark',
  );
  scene.isCatchingUp = false;
  t.is(
    scene.ask('10.0.0.1', 'query n1 4000'),
    `hosts 10.0.0.2:4000 10.0.0.3:4000\nend 2 ${epoch}.3 full\n`,
  );
});

test('request › a reply whose reader stops holds one batch in memory, whether delta or sample', (t) => {
  const hosts = 60_000;
  const scene = new Scene({ maxHosts: hosts });
  for (let i = 0; i < hosts; i++) register(scene.registry, `10.1.${i >> 8}.${i & 255}:4000`);
  const writer = new ChunkWriter();
  const readers = Array.from({ length: 60 }, (_, index) => {
    const options = index % 2 ? `limit=${hosts - 1}` : `since=${epoch}.1`;
    const { reply } = scene.answer('10.1.0.0', `query n 4000 ${options}`);
    return native.encodeReply(reply, writer);
  });
  const before = process.memoryUsage().arrayBuffers;
  for (const reader of readers) reader.next();
  const held = process.memoryUsage().arrayBuffers - before;
  // Made at once, they would be 1.2 MB each.
  t.true(held < readers.length * 300_000, `${held} bytes for ${readers.length} readers`);
});
