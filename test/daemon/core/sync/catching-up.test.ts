import test from 'ava';
import { CatchingUp } from '../../../../daemon/core/sync/catching-up.ts';
import { Membership, membershipTimes, type Peer } from '../../../../daemon/core/sync/membership.ts';

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

test('catching up › ends when what every peer had is here, and does not begin again', (t) => {
  const { catchingUp, first, second } = scene();
  t.true(catchingUp.isUnderWay(startedAt, false));
  first.isLogHere = true;
  second.isLogHere = true;
  t.true(catchingUp.isUnderWay(startedAt + 10, false), 'logs do not tell of hosts of others');
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt + 20, false));
  second.isCompared = true;
  t.false(catchingUp.isUnderWay(startedAt + 30, false));
  second.isCompared = false;
  t.false(catchingUp.isUnderWay(startedAt + 40, true));
});

test('catching up › a peer that does not answer is waited for until it would have settled', (t) => {
  const { catchingUp, first } = scene();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, false));
  t.true(catchingUp.isUnderWay(startedAt + times.settledMs - 1, false));
  t.false(catchingUp.isUnderWay(startedAt + times.settledMs, false));
});

test('catching up › one that is there is waited for until it was compared with', (t) => {
  const { catchingUp, first, second } = scene();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, false));
  const late = startedAt + 10 * times.settledMs;
  second.heard(late);
  t.true(catchingUp.isUnderWay(late, false));
  second.isCompared = true;
  t.false(catchingUp.isUnderWay(late + 1, false));
});

test('catching up › while no peer answers nobody knows what is lacking', (t) => {
  const { catchingUp, first } = scene();
  t.true(catchingUp.isUnderWay(startedAt, false));
  t.true(catchingUp.isUnderWay(startedAt + 100 * times.settledMs, false));
  first.isCompared = true;
  t.false(catchingUp.isUnderWay(startedAt + 100 * times.settledMs, false));
});

test('catching up › what a peer is sending is waited for to its end', (t) => {
  const { catchingUp, first } = scene();
  first.isCompared = true;
  t.true(catchingUp.isUnderWay(startedAt, true));
  t.true(catchingUp.isUnderWay(startedAt + 10 * times.settledMs, true));
  t.false(catchingUp.isUnderWay(startedAt + 10 * times.settledMs + 1, false));
});
