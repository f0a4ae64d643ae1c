import test from 'ava';
import { takesNodes } from '../../../../daemon/core/admission/redirect-targets.ts';
import { Membership } from '../../../../daemon/core/sync/membership.ts';
import { membershipTimes } from '../../../../daemon/core/sync/peer.ts';
import type { SyncHello } from '../../../../shared/protocol/sync-message.ts';
import { EngineScene, peerAddress, start } from '../../../fixture/sync-engine.ts';

const times = { beatMs: 1, suspectMs: 5, downMs: 15, settledMs: 30 };

test('membership › its times are those of the design for a TTL of an hour, and shrink with it', (t) => {
  t.deepEqual(membershipTimes(3_600_000), {
    beatMs: 1_000,
    suspectMs: 5_000,
    downMs: 15_000,
    settledMs: 30_000,
  });
  t.deepEqual(membershipTimes(30 * 86_400_000), membershipTimes(3_600_000));
  t.is(membershipTimes(1_800_000).downMs, 7_500);
  t.is(membershipTimes(2_000).beatMs, 250);
});

const idsOf = (membership: Membership, mono: number) =>
  membership.participants(mono).map(({ id }) => id);

test('membership › a peer is alive, suspect and down by how long it has been silent', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1'], times);
  const [peer] = membership.peers;
  t.is(peer?.state(1_000), 'connecting');
  peer?.noteMessage({ mono: 1_000, wall: 0 });
  t.deepEqual(
    [1_000, 1_004, 1_005, 1_014, 1_015].map((mono) => peer?.state(mono)),
    ['alive', 'alive', 'suspect', 'suspect', 'down'],
  );
  peer?.noteMessage({ mono: 1_020, wall: 0 });
  t.is(peer?.state(1_020), 'alive');
});

test('membership › the sharers are one list for as long as nobody comes, goes, or cannot judge', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1'], times);
  const [peer] = membership.peers;
  if (peer !== undefined) peer.id = 'other';
  for (let mono = 0; mono <= 30; mono += 5) peer?.noteMessage({ mono, wall: 0 });
  const two = membership.participants(30);
  t.is(membership.participants(44), two);
  t.not(membership.participants(44, 'ipv6'), two);
  t.deepEqual(membership.participants(44), two);
  t.not(membership.participants(45), two);
});

test('membership › a peer shares work once it has been connected for a while, and also while it is suspect', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1'], times);
  const [peer] = membership.peers;
  if (peer !== undefined) peer.id = 'other';
  for (let mono = 0; mono <= 30; mono += 5) peer?.noteMessage({ mono, wall: 0 });
  t.deepEqual(
    [29, 30, 40, 44, 45].map((mono) => idsOf(membership, mono)),
    [['me'], ['me', 'other'], ['me', 'other'], ['me', 'other'], ['me']],
  );
  peer?.noteMessage({ mono: 100, wall: 0 });
  t.deepEqual(idsOf(membership, 101), ['me'], 'it was down');
  for (let mono = 105; mono <= 130; mono += 5) peer?.noteMessage({ mono, wall: 0 });
  t.deepEqual(idsOf(membership, 130), ['me', 'other']);
});

test('membership › a server is known by its id, and by its address while that is unknown', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1', '10.0.0.3:1', '10.0.0.2:1'], times);
  t.is(membership.peers.length, 2);
  const [first, second] = membership.peers;
  t.is(membership.identify('b', '10.0.0.3:1'), second ?? null);
  if (first !== undefined) first.id = 'b';
  t.is(membership.identify('b', '10.0.0.3:1'), first ?? null);
  membership.drop('10.0.0.2:1');
  t.is(membership.at('10.0.0.2:1'), null);
});

test('membership › a server that is not where it was, and is elsewhere, has moved; two that are there are two', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1', '10.0.0.3:1'], times);
  const [first, second] = membership.peers;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const moved = (mono: number) =>
    [...membership.moved(mono)].map(([from, to]) => [from.address, to.address]);
  first.id = 'b';
  first.noteMessage({ mono: 0, wall: 0 });
  t.deepEqual(moved(20), [], 'it is nowhere');
  second.id = 'b';
  second.noteMessage({ mono: 10, wall: 0 });
  t.deepEqual(moved(14), [], 'both are there');
  t.deepEqual(moved(20), [['10.0.0.2:1', '10.0.0.3:1']]);
  first.noteMessage({ mono: 20, wall: 0 });
  t.deepEqual(moved(20), []);
  // It has dialled this server, from its new address, and was taken for the one at the former.
  [first.run, first.runThere, second.run, second.runThere] = ['2', '1', '2', '2'];
  t.deepEqual(moved(20), [['10.0.0.2:1', '10.0.0.3:1']]);
});

// redis/redis#4645: servers that were started again at each other's addresses.
test('membership › two have one database when both are heard, not while one is started where the other was', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1', '10.0.0.3:1'], times);
  const [first, second] = membership.peers;
  if (first === undefined || second === undefined) throw new Error('there are two');
  const twinsAt = (mono: number) =>
    [...membership.twins(mono).keys()].map(({ address }) => address).toSorted();
  const both = ['10.0.0.2:1', '10.0.0.3:1'];
  first.id = 'b';
  first.noteRun('1', 0);
  first.noteMessage({ mono: 4, wall: 0 });
  second.id = 'b';
  second.noteRun('2', 4);
  for (const mono of [5, 10, 14, 18]) {
    second.noteMessage({ mono, wall: 0 });
    t.deepEqual(twinsAt(mono), [], `it is only at the second address, ${mono}`);
  }
  first.noteMessage({ mono: 5, wall: 0 });
  t.deepEqual(twinsAt(18), [], 'that was on its way');
  first.noteMessage({ mono: 6, wall: 0 });
  t.deepEqual(twinsAt(18), both);
  t.deepEqual(twinsAt(20), both);
  t.deepEqual(twinsAt(21), [], 'the first is gone');
});

test('membership › a server that was found is a peer like one that is named, and forgotten after a day of silence', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1'], times);
  const shown = () => membership.peers.map(({ address, isNamed }) => [address, isNamed]);
  t.true(membership.find('10.0.0.3:1', 'c', 0));
  t.false(membership.find('10.0.0.3:1', 'c', 5));
  t.false(membership.find('10.0.0.9:1', 'me', 5), 'itself');
  t.deepEqual(shown(), [
    ['10.0.0.2:1', true],
    ['10.0.0.3:1', false],
  ]);
  t.is(membership.identify('c', '10.0.0.3:1')?.address, '10.0.0.3:1');
  const day = 86_400_000;
  t.deepEqual(membership.forgetSilent(day - 1), []);
  membership.at('10.0.0.3:1')?.noteMessage({ mono: day, wall: 0 });
  t.deepEqual(membership.forgetSilent(2 * day - 1), []);
  t.deepEqual(
    membership.forgetSilent(2 * day).map(({ address }) => address),
    ['10.0.0.3:1'],
  );
  t.deepEqual(shown(), [['10.0.0.2:1', true]], 'a named one stays');
});

test('membership › a peer that is named and found stays when its name is removed, with all that is known of it', (t) => {
  const membership = new Membership('me', ['10.0.0.2:1', '10.0.0.3:1'], times);
  const [first, second] = membership.peers;
  t.false(membership.find('10.0.0.2:1', 'b', 0));
  t.deepEqual(membership.configure([]), [second]);
  t.deepEqual(membership.peers, [first]);
  t.false(membership.peers[0]?.isNamed);
  t.deepEqual(membership.configure(['10.0.0.2:1']), []);
  t.true(membership.peers[0]?.isNamed);
});

test('membership › a server that is named by another address is not found a second time', (t) => {
  const membership = new Membership('me', ['ns.example.org:1'], times);
  const [peer] = membership.peers;
  if (peer !== undefined) peer.addresses = ['10.0.0.2:1'];
  t.false(membership.find('10.0.0.2:1', 'b', 0));
  if (peer !== undefined) peer.id = 'b';
  t.false(membership.find('192.0.2.2:1', 'b', 0));
  t.is(membership.peers.length, 1);
});

/** Two servers whose messages arrive at once: `here` dials `there`. */
function connected() {
  const here = new EngineScene();
  const there = new EngineScene({ id: 'there', listen: peerAddress, peers: ['10.0.0.1:4524'] });
  here.context.load.limit = 8;
  const greet = () => {
    const outbound = here.dial(start);
    const inbound = there.accept(outbound.sent.splice(0)[0] as SyncHello, start);
    for (const message of inbound.sent.splice(0)) outbound.receive(message, start);
    const deliver = () => {
      for (const message of outbound.sent.splice(0)) inbound.receive(message, start);
    };
    deliver();
    return { deliver, inbound };
  };
  return { load: here.context.load, here, there, greet };
}

test('peer load › a drain is reported at once, with the address of the peer', (t) => {
  const { load, here, there, greet } = connected();
  const { deliver } = greet();
  const [peer] = there.membership.peers;
  t.deepEqual([peer?.load?.limit, peer?.listen], [8, '10.0.0.1:4524']);
  load.limit = 0;
  here.drive((engine) => engine.announceLoad(start));
  deliver();
  t.is(peer?.load?.limit, 0);
});

test('peer load › a report is void when its connection ends, unless a newer connection brought another', (t) => {
  const { there, greet } = connected();
  const takes = () => there.membership.peers.map((peer) => takesNodes(peer, start.mono));
  const old = greet();
  const newer = greet();
  old.inbound.close();
  t.deepEqual(takes(), [true]);
  newer.inbound.close();
  t.deepEqual(takes(), [false]);
  t.is(there.membership.peers[0]?.load?.limit, 8, 'consoles still see the last known load');
});
