// Sessions between name servers, message by message: who is let in, and what is sent when.
import test from 'ava';
import type { SyncMessage } from '../../../../shared/protocol/sync-message.ts';
import { addressOf, register, rowOf } from '../../../fixture/registry.ts';
import {
  after,
  EngineScene,
  hello,
  peerAddress,
  start,
  welcome,
} from '../../../fixture/sync-engine.ts';

function opened() {
  const scene = new EngineScene();
  const link = scene.open();
  return { scene, link, registry: scene.registry };
}

test('sync engine › the side that dialled greets, and says nothing more before the answer', (t) => {
  const scene = new EngineScene();
  const link = scene.dial();
  register(scene.registry, addressOf(1));
  scene.registry.settle();
  scene.tick({ mono: 1_000, wall: start.wall });
  scene.committed();
  t.deepEqual(link.sent, [
    {
      kind: 'hello',
      id: 'here',
      epoch: '0000000a',
      run: '00000001',
      protocol: 1,
      clock: start.wall,
      listen: '10.0.0.1:4524',
      entry: 0,
      version: '1.2.3',
      readsUdp: true,
      isTwoWay: true,
    },
  ]);
  t.is(scene.engine.dialled('10.0.0.9:1', start), null, 'no peer');
});

test('sync engine › a server that dialled itself leaves that address out', (t) => {
  const scene = new EngineScene();
  const link = scene.dial();
  link.receive({ ...welcome, id: 'here', run: '00000001' });
  t.true(link.isClosed);
  t.deepEqual(
    scene.events.map(({ kind }) => kind),
    ['self'],
  );
  t.deepEqual(scene.engine.view(start), []);
});

test('sync engine › two servers with one id refuse each other, and report it once', (t) => {
  const scene = new EngineScene();
  const { engine } = scene;
  for (const _ of [1, 2]) {
    const link = scene.dial();
    link.receive({ ...welcome, id: 'here' });
    t.true(link.isClosed);
  }
  t.is(scene.events.length, 1);
  t.regex(
    engine.view(start)[0]?.trouble ?? '',
    /has this server's id here: one database is used by/,
  );
  const refusal = engine.accepted({ ...hello, id: 'here' }, start);
  t.is('code' in refusal && refusal.code, 'same-id');
  const newer = engine.accepted({ ...hello, id: 'x', protocol: 2 }, start);
  t.is('code' in newer && newer.code, 'sync-version');
  t.deepEqual(engine.take(), []);
});

test('sync engine › changes are sent when they are on the disk, at most four batches without an acknowledgement', (t) => {
  const { scene, link, registry } = opened();
  link.take('beat');
  for (let index = 0; index < 3_000; index++) register(registry, addressOf(index));
  scene.committed();
  t.deepEqual(link.take('changes'), [], 'nothing is committed yet');
  registry.settle();
  scene.committed();
  const batches = link.take('changes');
  const ends = batches.map((each) => (each.kind === 'changes' ? each.entry : 0));
  t.is(batches.length, 4);
  link.receive({ kind: 'ack', entry: ends[1] as number });
  link.echo();
  t.is(link.take('changes').length, 2);
  for (let acked = 0; acked !== 3_000; acked = link.session.acked) {
    link.receive({ kind: 'ack', entry: 3_000 });
    link.echo();
  }
  t.is(link.take('changes').at(-1)?.kind, 'changes');
  register(registry, addressOf(1), { nodeId: 'other' });
  scene.committed();
  t.deepEqual(link.sent, [], 'something is pending');
});

test('sync engine › a batch is no larger than a heartbeat behind it may wait for, and grows on a line that is quick', (t) => {
  const { scene, link, registry } = opened();
  for (let index = 0; index < 9_000; index++) register(registry, addressOf(index));
  registry.settle();
  scene.committed();
  const sizes = new Set<number>();
  for (let mono = 5; link.session.acked < 9_000; mono += 5) {
    for (const each of link.sent) if (each.kind === 'changes') sizes.add(each.changes.length);
    const last = link.sent.findLast(({ kind }) => kind === 'changes');
    link.sent = [];
    if (last?.kind === 'changes') link.receive({ kind: 'ack', entry: last.entry }, after(mono));
    link.echo(after(mono));
  }
  const [first] = sizes;
  t.true((first as number) <= 64, `${first} in the first`);
  t.is(Math.max(...sizes), 500, 'as many as a batch may have');
});

test('sync engine › lag is the age of the oldest change that the peer lacks, also on a new connection', (t) => {
  const scene = new EngineScene();
  const { registry } = scene;
  const first = scene.open();
  t.deepEqual(first.session.lag(after(0).wall), { entries: 0, ms: 0 });
  for (const at of [100, 5_000]) register(registry, addressOf(at), { now: after(at).wall });
  registry.settle();
  scene.committed(after(5_000));
  t.deepEqual(first.session.lag(after(6_000).wall), { entries: 2, ms: 5_900 });
  first.close();
  const second = scene.open(after(60_000));
  t.deepEqual(
    second.session.lag(after(60_000).wall),
    { entries: 2, ms: 59_900 },
    'not from now on',
  );
  second.receive({ kind: 'ack', entry: 1 }, after(60_000));
  t.deepEqual(second.session.lag(after(61_000).wall), { entries: 1, ms: 56_000 });
  second.receive({ kind: 'ack', entry: 2 }, after(60_000));
  t.deepEqual(second.session.lag(after(61_000).wall), { entries: 0, ms: 0 });
});

test('sync engine › versions from next year are refused and counted, and the rest is merged, committed and acknowledged', (t) => {
  const scene = new EngineScene();
  const { registry, counters } = scene;
  const link = scene.accept();
  link.take('welcome');
  const change = (index: number, ms: number) => ({
    address: addressOf(index),
    nodeId: 'node',
    state: 'live' as const,
    dialect: 'native' as const,
    firstSeen: 1,
    lastSeen: 1,
    version: { ms, counter: 0, server: 'there' },
  });
  const changes = [change(1, start.wall), change(2, start.wall + 365 * 86_400_000)];
  scene.engine.receive(link.session, { kind: 'changes', entry: 2, changes }, start);
  t.deepEqual(
    scene.engine.take().map(({ kind }) => kind),
    ['event', 'commit'],
    'a commit is asked for, and nothing is sent before it is done',
  );
  registry.settle();
  scene.committed();
  t.deepEqual(link.sent, [{ kind: 'ack', entry: 2 }]);
  t.deepEqual([registry.live.length, counters.changesRefused, counters.changesReceived], [1, 1, 2]);
  t.is(registry.applied.entryOf('there', '0000000c'), 2);
  t.is(registry.log.length, 0, 'nothing of it is passed on');
});

test('sync engine › a peer that knows later entries makes this server store a new epoch, then greet with it', (t) => {
  const scene = new EngineScene({ peers: [peerAddress, '10.0.0.3:4524'] });
  const { engine, context } = scene;
  const other = scene.dial(start, '10.0.0.3:4524');
  const link = scene.dial();
  link.sent = [];
  engine.receive(link.session, { ...welcome, applied: 5 }, start);
  const [renumber, ...more] = engine.take();
  t.deepEqual(more, []);
  if (renumber?.kind !== 'renumber') throw new Error(`not renumbered but ${renumber?.kind}`);
  t.is(context.epoch, '0000000a', 'nothing is stored yet');
  scene.drive(() => engine.renumbered(renumber, '0000000b'));
  t.deepEqual(
    scene.events.map(({ kind }) => kind),
    ['renumbered'],
  );
  t.deepEqual(
    [link.isClosed, other.isClosed],
    [true, true],
    'both were greeted with the old epoch',
  );
  t.deepEqual([link.sent, context.epoch], [[], '0000000b']);
  t.like(scene.dial().sent[0], { kind: 'hello', epoch: '0000000b' });
});

test('sync engine › an epoch that cannot be stored is not used, and requested again on the next connection', (t) => {
  const scene = new EngineScene();
  scene.nextEpoch = null;
  const link = scene.dial();
  link.receive({ ...welcome, applied: 5 });
  t.deepEqual([link.isClosed, scene.context.epoch, scene.events], [true, '0000000a', []]);
  scene.nextEpoch = '0000000b';
  scene.dial().receive({ ...welcome, applied: 5 });
  t.deepEqual(scene.stored, ['0000000b']);
});

test('sync engine › a session that is to be closed receives and sends nothing any more', (t) => {
  const { scene, link } = opened();
  link.receive({ kind: 'error', code: 'x', text: 'no' });
  t.true(link.isClosed);
  const before = scene.events.length;
  link.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 });
  scene.tick({ mono: 60_000, wall: start.wall });
  t.false(scene.engine.compare({ address: peerAddress }, start));
  t.deepEqual(scene.engine.take(), []);
  link.close();
  t.is(scene.events.length, before, 'its end was reported');
});

test('sync engine › heartbeats measure the round trip, and a silent connection is closed', (t) => {
  const { scene, link } = opened();
  t.deepEqual(link.take('beat'), [
    { kind: 'beat', clock: start.wall, number: 1, backlog: 1, limit: 2, live: 3 },
  ]);
  link.receive(
    { kind: 'echo', clock: start.wall + 500, number: 1 },
    { mono: 20, wall: start.wall + 20 },
  );
  const [peer] = scene.engine.view(after(20));
  t.deepEqual([peer?.state, peer?.roundTripMs, peer?.clockMs], ['alive', 20, 490]);
  scene.tick({ mono: 15_019, wall: start.wall });
  t.false(link.isClosed);
  scene.tick({ mono: 15_020, wall: start.wall });
  t.true(link.isClosed);
  t.like(scene.engine.view(after(5_020))[0], {
    state: 'suspect',
    roundTripMs: null,
    clockMs: null,
  });
  t.like(scene.engine.view(after(15_020))[0], {
    state: 'down',
    roundTripMs: null,
    clockMs: null,
    last: { at: start.wall + 20, roundTripMs: 20, clockMs: 490, load: null },
  });
});

test('sync engine › round trip and lag are shown for open connections only', (t) => {
  const { scene, link } = opened();
  link.receive({ kind: 'echo', clock: start.wall, number: 1 }, { mono: 20, wall: start.wall + 20 });
  t.like(scene.engine.view(after(20))[0], { state: 'alive', roundTripMs: 20, last: null });
  link.close();
  t.like(scene.engine.view(after(20))[0], { state: 'alive', roundTripMs: null, encrypted: null });
});

test('sync engine › digests are compared once all changes from before the greeting have arrived or their connection closed', (t) => {
  const { scene, link } = opened();
  const inbound = scene.accept();
  inbound.receive({ kind: 'changes', entry: 1, changes: [] });
  const later = { mono: 6_000, wall: start.wall };
  scene.tick(later);
  t.deepEqual(link.take('digest'), [], 'an entry is on its way');
  inbound.receive({ kind: 'changes', entry: 2, changes: [] }, later);
  scene.tick(later);
  t.is(link.take('digest').length, 1);

  const second = opened();
  const broken = second.scene.accept();
  broken.receive({ kind: 'changes', entry: 1, changes: [] });
  broken.close();
  second.scene.tick(later);
  t.is(second.link.take('digest').length, 1);
});

test('sync engine › the source address of a connection is not taken for the address a peer listens on', (t) => {
  const scene = new EngineScene();
  for (const saysWhere of [true, false]) {
    const link = scene.accept(hello, start, saysWhere);
    link.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 });
    t.is(scene.membership.at(peerAddress)?.listen, saysWhere ? peerAddress : null);
  }
});

test('sync engine › a newer connection of the same server ends the older one', (t) => {
  const scene = new EngineScene();
  const [older, newer] = [scene.accept(), scene.accept()];
  t.deepEqual([older.isClosed, newer.isClosed], [true, false]);
});

test('sync engine › each side learns the version of the other, whoever dialled', (t) => {
  const dialling = new EngineScene();
  dialling.dial().receive({ ...welcome, version: '2.0.0' });
  t.is(dialling.engine.view(start)[0]?.version, '2.0.0');

  const scene = new EngineScene();
  const link = scene.accept({ ...hello, version: '2.0.0' });
  t.like(link.sent[0], { kind: 'welcome', version: '1.2.3' });
  t.is(scene.engine.view(start)[0]?.version, '2.0.0');
  const older = scene.accept();
  t.false('version' in (older.sent[0] as object), 'an older one would not understand it');
  t.is(scene.engine.view(start)[0]?.version, null);
});

test('sync engine › a peer that does not know UDP hosts is told that they are native', (t) => {
  const dialects = (messages: SyncMessage[]) =>
    messages.flatMap((each) =>
      'changes' in each ? each.changes.map(({ dialect }) => dialect) : [],
    );
  for (const readsUdp of [false, true]) {
    const scene = new EngineScene();
    register(scene.registry, addressOf(1), { dialect: 'udp' });
    register(scene.registry, addressOf(2), { dialect: 'legacy' });
    scene.registry.settle();
    const said = readsUdp ? { version: '2.0.0', readsUdp } : { version: '2.0.0' };
    const out = scene.dial();
    t.like(out.sent[0], { kind: 'hello', readsUdp: true });
    out.receive({ ...welcome, ...said });
    t.deepEqual(dialects(out.take('changes')), [readsUdp ? 'udp' : 'native', 'legacy']);

    const back = scene.accept({ ...hello, ...said });
    t.like(back.sent[0], { kind: 'welcome', readsUdp: true });
    const known = scene.registry.hostChange(rowOf(scene.registry, addressOf(1)));
    const version = { ms: start.wall + 1, counter: 0, server: 'there' };
    const change = { ...known, version, dialect: 'native' as const };
    back.receive({ kind: 'changes', entry: 1, changes: [change] });
    const now = scene.registry.record(rowOf(scene.registry, addressOf(1)));
    // Only a peer that knows the difference can say that the host speaks over TCP now.
    t.is(now.dialect, readsUdp ? 'native' : 'udp');
  }
});

test('sync engine › a peer too old for a version in its greeting is greeted without one, and nothing is reported', (t) => {
  const scene = new EngineScene();
  const first = scene.dial();
  first.receive({ kind: 'error', code: 'malformed', text: 'sync must begin with a hello' });
  first.close();
  t.true(first.isClosed);
  t.deepEqual([scene.events, scene.engine.view(start)[0]?.trouble], [[], null]);

  const second = scene.dial();
  t.false('version' in (second.sent[0] as object));
  second.receive(welcome);
  t.true(second.session.isOpen);
  t.is(scene.engine.view(start)[0]?.version, null);

  // It was updated, and names its version where it dials: the next greeting has one again.
  scene.accept({ ...hello, version: '2.0.0' });
  t.like(scene.dial().sent[0], { kind: 'hello', version: '1.2.3' });
  t.is(scene.engine.view(start)[0]?.version, '2.0.0');
});

test('sync engine › a peer that refuses a greeting without a version, too, is shown with its error', (t) => {
  const scene = new EngineScene();
  for (const times of [1, 2])
    scene.dial().receive({ kind: 'error', code: 'malformed', text: `no, ${times}` });
  t.is(scene.engine.view(start)[0]?.trouble, 'no, 2');
  t.deepEqual(
    scene.events.map(({ text }) => text),
    ['no, 2'],
  );
});
