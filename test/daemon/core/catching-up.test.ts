import test from 'ava';
import { CatchingUp } from '../../../daemon/core/catching-up.ts';
import { Membership, membershipTimes, type Peer } from '../../../daemon/core/membership.ts';

const addresses = ['10.0.0.2:4524', '10.0.0.3:4524'];
const times = membershipTimes(3_600_000);
const startedAt = 5_000;

function scene(peers = addresses) {
  const membership = new Membership('here', peers, times);
  const catchingUp = new CatchingUp(membership);
  const [first, second] = membership.peers as [Peer, Peer];
  return { catchingUp, first, second };
}

test('catching up › a server without peers has nobody to catch up with', (t) => {
  t.false(scene([]).catchingUp.isUnderWay(startedAt, false));
});

test('catching up › ends when the log of every peer is here, and does not begin again', (t) => {
  const { catchingUp, first, second } = scene();
  t.true(catchingUp.isUnderWay(startedAt, false));
  first.isLogHere = true;
  t.true(catchingUp.isUnderWay(startedAt + 10, false));
  second.isLogHere = true;
  t.false(catchingUp.isUnderWay(startedAt + 20, false));
  second.isLogHere = false;
  t.false(catchingUp.isUnderWay(startedAt + 30, true));
});

test('catching up › a peer that does not answer is waited for until it would have settled', (t) => {
  const { catchingUp, first } = scene();
  first.isLogHere = true;
  t.true(catchingUp.isUnderWay(startedAt, false));
  t.true(catchingUp.isUnderWay(startedAt + times.settledMs - 1, false));
  t.false(catchingUp.isUnderWay(startedAt + times.settledMs, false));
});

test('catching up › what a peer is sending is waited for to its end', (t) => {
  const { catchingUp } = scene();
  t.true(catchingUp.isUnderWay(startedAt, true));
  t.true(catchingUp.isUnderWay(startedAt + 10 * times.settledMs, true));
  t.false(catchingUp.isUnderWay(startedAt + 10 * times.settledMs + 1, false));
});
