// Who is a peer, while NameServers changes.
import test from 'ava';
import { Membership } from '../../../../daemon/core/sync/membership.ts';
import {
  after,
  EngineScene,
  hello,
  peerAddress,
  start,
  welcome,
} from '../../../fixture/sync-engine.ts';

const times = { beatMs: 1, suspectMs: 5, downMs: 15, settledMs: 30 };
const other = '10.0.0.9:4524';

/** A scene whose peer has sent its change log up to entry 7. */
function connected(): EngineScene {
  const scene = new EngineScene();
  scene.open();
  scene.accept().receive({ kind: 'changes', entry: 7, changes: [] });
  scene.registry.settle();
  scene.committed();
  return scene;
}

function entryOf({ registry }: EngineScene): number {
  return registry.applied.entryOf(hello.id, hello.epoch);
}

test('naming › a peer that is named no more has no session, no share, and no place in the version vector', (t) => {
  const scene = connected();
  const outbound = scene.open();
  const { membership } = scene;
  const [peer] = membership.peers;
  for (let mono = 0; mono < 40_000; mono += 4_000) peer?.noteMessage({ mono, wall: 0 });
  const participants = () => membership.participants(36_000).map(({ id }) => id);
  t.deepEqual(participants(), ['here', 'there']);
  t.is(entryOf(scene), 7);
  scene.drive((engine) => engine.configure([]));
  t.true(outbound.isClosed);
  t.deepEqual(participants(), ['here'], 'the others share its work at once');
  t.deepEqual(scene.engine.view({ mono: 36_000, wall: 0 }), []);
  t.is(entryOf(scene), 0);
  t.true(scene.registry.hasPending, 'which is stored');
  t.deepEqual(scene.registry.applied.pending(), [['there', null]]);
});

test('naming › what is known of a peer that is still named stays', (t) => {
  const scene = connected();
  const [peer] = scene.membership.peers;
  scene.drive((engine) => engine.configure([other, peerAddress]));
  t.is(scene.membership.at(peerAddress), peer as never);
  t.deepEqual(
    scene.engine.view(start).map(({ address, id }) => [address, id]),
    [
      [other, null],
      [peerAddress, 'there'],
    ],
  );
});

test('naming › a peer that is named by another address has not to send its change log again', (t) => {
  const scene = connected();
  scene.drive((engine) => engine.configure([other]));
  scene.tick(start);
  t.is(entryOf(scene), 7, 'it may be the same server');
  scene.dial(start, other).receive(welcome);
  scene.tick(start);
  t.is(entryOf(scene), 7);
});

test('naming › a peer that another server replaced is forgotten once that is known', (t) => {
  const scene = connected();
  scene.drive((engine) => engine.configure([other]));
  scene.dial(start, other).receive({ ...welcome, id: 'new' });
  scene.tick(start);
  t.is(entryOf(scene), 0);
});

test('naming › the connection of a server that is named no more ends with the reason', (t) => {
  const scene = connected();
  const inbound = scene.accept();
  const refusal = { code: 'not-a-peer', text: 'is not in NameServers here' } as const;
  const closed: unknown[] = [];
  inbound.session.end({ kind: 'error', ...refusal });
  for (const effect of scene.engine.take()) if (effect.kind === 'close') closed.push(effect.last);
  t.deepEqual(closed, [{ kind: 'error', ...refusal }]);
});

test('naming › a server is named by its id, by where it is reached, or by its IP address while the id there is unknown', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1', '10.0.0.3:1'], times);
  const names = (id: string, listen: string, ip: string) => membership.names({ id, listen }, ip);
  t.true(names('me', '10.0.0.8:1', '10.0.0.8'), 'itself, which it has to find out');
  t.true(names('x', '10.0.0.2:1', '10.0.0.8'));
  t.true(names('x', '10.0.0.8:1', '10.0.0.2'));
  t.false(names('x', '10.0.0.8:1', '10.0.0.8'));
  const [peer] = membership.peers;
  if (peer !== undefined) peer.id = 'x';
  t.true(names('x', '10.0.0.8:1', '10.0.0.8'), 'behind a router, for instance');
  t.false(names('y', '10.0.0.8:1', '10.0.0.2'), 'another one behind the same router');
  t.true(names('y', '10.0.0.2:1', '10.0.0.2'), 'it has a new database');
});

test('naming › this server stays left out when NameServers changes, until its address is not named any more', (t) => {
  const membership = new Membership('me', ['10.0.0.1:1', '10.0.0.2:1'], times);
  const addresses = () => membership.peers.map(({ address }) => address);
  membership.drop('10.0.0.1:1');
  membership.configure(['10.0.0.3:1', '10.0.0.1:1']);
  t.deepEqual(addresses(), ['10.0.0.3:1']);
  membership.configure(['10.0.0.3:1']);
  membership.configure(['10.0.0.1:1']);
  t.deepEqual(addresses(), ['10.0.0.1:1'], 'another server may have it by now');
});

test('naming › a server that is named twice is one peer with both addresses', (t) => {
  const scene = connected();
  const { membership } = scene;
  const named = () => membership.peers.map(({ address, aliases }) => [address, ...aliases]);
  scene.drive((engine) => engine.configure([peerAddress, other]));
  const again = scene.dial(start, other);
  again.receive(welcome);
  t.true(again.isClosed);
  t.deepEqual(named(), [[peerAddress, other]]);
  t.deepEqual(membership.peers[0]?.ips, ['10.0.0.2', '10.0.0.9']);
  t.is(scene.engine.view(start)[0]?.state, 'alive');
  t.regex(
    scene.events.find(({ kind }) => kind === 'self')?.text ?? '',
    /^is 10\.0\.0\.2:4524 under another address: both are dialled/,
  );
  scene.drive((engine) => engine.configure([peerAddress, other]));
  t.deepEqual(named(), [[peerAddress, other]], 'also after a reload');
  scene.drive((engine) => engine.configure([other]));
  t.deepEqual(named(), [[other]]);
});

test('naming › a name that leads elsewhere than when it was this server, or that of a peer, is a peer again', (t) => {
  const names = ['ns1.example:1', 'ns2.example:1', '10.0.0.3:1', 'ns4.example:1'];
  const membership = new Membership('me', names, times);
  const addresses = () => membership.peers.map(({ address, aliases }) => [address, ...aliases]);
  const [own, alias, peer] = membership.peers;
  if (own === undefined || alias === undefined || peer === undefined) throw new Error('all are');
  own.addresses = ['10.0.0.1:1', '[2001:db8::1]:1'];
  alias.addresses = ['10.0.0.3:1'];
  membership.drop(own.address);
  membership.join(peer, alias);
  t.deepEqual(addresses(), [['10.0.0.3:1', 'ns2.example:1'], ['ns4.example:1']]);
  t.deepEqual(membership.others, ['ns1.example:1', 'ns2.example:1']);
  t.false(membership.part('ns1.example:1', ['[2001:db8::1]:1', '10.0.0.7:1']));
  t.false(membership.part('ns2.example:1', ['10.0.0.3:1']));
  t.false(membership.part('ns4.example:1', ['10.0.0.8:1']), 'it is a peer');
  t.true(membership.part('ns2.example:1', ['10.0.0.8:1']));
  t.true(membership.part('ns1.example:1', ['10.0.0.7:1']));
  t.deepEqual(
    addresses(),
    names.map((name) => [name]),
    'in the order of NameServers',
  );
  t.deepEqual(membership.others, []);
});

test('naming › another run with the same id is no second address: two servers may use copies of one database', (t) => {
  const scene = connected();
  scene.drive((engine) => engine.configure([peerAddress, other]));
  scene.dial(start, other).receive({ ...welcome, run: 'cccccccc' });
  t.is(scene.membership.peers.length, 2);
});

test('naming › answers to a ride that is over are no mistake of the peer', (t) => {
  const scene = new EngineScene({ peers: [peerAddress] });
  const inbound = scene.accept({ ...hello, version: '2.0.0', isTwoWay: true });
  inbound.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 });
  for (const mono of [250, 1_500]) scene.tick(after(mono));
  t.is(inbound.take('hello').length, 1, 'it rides, and waits for the welcome');
  scene.dial(after(1_500), peerAddress).receive(welcome, after(1_500));
  scene.tick(after(1_750));
  const late = [
    { ...welcome, version: '2.0.0', isTwoWay: true },
    { kind: 'ack', entry: 0 },
  ] as const;
  for (const message of late) inbound.receive(message, after(1_800));
  t.false(inbound.isClosed);
  t.deepEqual(
    scene.events.filter(({ kind }) => kind === 'refused'),
    [],
  );
});

test('naming › a connection that rides on one from elsewhere says nothing about who is at an address', (t) => {
  const scene = new EngineScene({ peers: [peerAddress, other] });
  // The second of two servers with one id dials first, and is taken for the first one, which cannot be dialled yet.
  const inbound = scene.accept({
    ...hello,
    version: '2.0.0',
    isTwoWay: true,
    listen: '10.0.0.7:4524',
  });
  inbound.receive({ kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 });
  const [first] = scene.membership.peers;
  if (first !== undefined) first.id = hello.id;
  for (const mono of [250, 1_500]) scene.tick(after(mono));
  inbound.receive({ ...welcome, version: '2.0.0', isTwoWay: true }, after(1_500));
  t.is(first?.run, welcome.run, 'it rides');
  scene.dial(after(1_500), other).receive(welcome, after(1_500));
  t.is(scene.membership.peers.length, 2);
});
