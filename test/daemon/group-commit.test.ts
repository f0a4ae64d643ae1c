import { mock } from 'node:test';
import test from 'ava';
import { GroupCommit, type Waiting } from '../../daemon/group-commit.ts';
import type { Refusal } from '../../shared/protocol/message.ts';

const failure: Refusal = { code: 'not-stored', text: 'the disk is full' };

/** A group commit whose events are noted in order. */
function setUp(outcome: () => Refusal | null = () => null, isGathered = false) {
  const events: string[] = [];
  const accepted = { connections: 0 };
  const clock = { ms: 0 };
  const groupCommit = new GroupCommit({
    persist: () => {
      events.push('persist');
      return outcome();
    },
    arrivals: () => accepted.connections,
    isGathered,
    now: () => clock.ms,
  });
  const client = (name: string, then = () => {}): Waiting => ({
    release(refusal) {
      events.push(`${name} ${refusal?.code ?? 'stored'}`);
      then();
    },
  });
  return { events, groupCommit, client, accepted, clock };
}

/** Resolves when there are `count` events. */
function ended(events: string[], count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (events.length >= count ? resolve() : setImmediate(look));
    look();
  });
}

test('group commit › all waiting requests are released after one commit, in order of arrival', async (t) => {
  const { events, groupCommit, client } = setUp();
  const [a, b] = [client('a'), client('b')];
  for (const each of [a, b, a, b]) groupCommit.add(each);
  t.deepEqual(events, []);
  await ended(events, 3);
  t.deepEqual(events, ['persist', 'a stored', 'b stored']);
});

test('group commit › connections that come without end do not keep a group waiting', async (t) => {
  t.timeout(5_000);
  const { events, groupCommit, client, accepted, clock } = setUp();
  const flood = () => {
    accepted.connections++;
    clock.ms += 0.1;
    if (events.length === 0) setImmediate(flood);
  };
  flood();
  groupCommit.add(client('a'));
  await ended(events, 2);
  t.deepEqual(events, ['persist', 'a stored']);
});

test('group commit › a failed commit is reported to every waiting request', async (t) => {
  const { events, groupCommit, client } = setUp(() => failure);
  groupCommit.add(client('a'));
  groupCommit.add(client('b'));
  await ended(events, 3);
  t.deepEqual(events, ['persist', 'a not-stored', 'b not-stored']);
});

test('group commit › a group can be ended early, and ends only once', async (t) => {
  const { events, groupCommit, client } = setUp(() => failure);
  groupCommit.add(client('a'));
  t.is(groupCommit.end(), failure);
  t.deepEqual(events, ['persist', 'a not-stored']);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.is(events.length, 2);
});

test('group commit › a request added during a release waits for the next commit', async (t) => {
  const { events, groupCommit, client } = setUp();
  const late = client('late');
  groupCommit.add(client('a', () => groupCommit.add(late)));
  await ended(events, 4);
  t.deepEqual(events, ['persist', 'a stored', 'persist', 'late stored']);
});

test('group commit › while connections are accepted, a group waits for their requests', async (t) => {
  const { events, groupCommit, client, accepted } = setUp();
  groupCommit.add(client('a'));
  for (const name of ['b', 'c', 'd']) {
    accepted.connections++;
    await new Promise((resolve) => setImmediate(resolve));
    t.deepEqual(events, []);
    groupCommit.add(client(name));
  }
  await ended(events, 5);
  t.deepEqual(events, ['persist', 'a stored', 'b stored', 'c stored', 'd stored']);
});

test.serial(
  'group commit › after a group that shows load, the next ones wait for more',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { events, groupCommit, client } = setUp();
    for (let i = 0; i < 10; i++) groupCommit.add(client(`first ${i}`));
    groupCommit.end();
    events.length = 0;
    for (const name of ['a', 'b', 'c']) {
      groupCommit.add(client(name));
      for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
      t.deepEqual(events, []);
    }
    mock.timers.tick(2);
    t.deepEqual(events, ['persist', 'a stored', 'b stored', 'c stored']);
  },
);

test.serial(
  'group commit › requests gathered elsewhere do not wait for more, however many',
  async (t) => {
    // No timer ever fires.
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { events, groupCommit, client } = setUp(undefined, true);
    groupCommit.add(client('a'), 50);
    groupCommit.end();
    groupCommit.add(client('b'), 50);
    await ended(events, 4);
    t.deepEqual(events, ['persist', 'a stored', 'persist', 'b stored']);
  },
);

test.serial(
  'group commit › one that waits with many requests shows load as many would',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { events, groupCommit, client } = setUp();
    groupCommit.add(client('a'), 4);
    groupCommit.end();
    groupCommit.add(client('b'));
    for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
    t.deepEqual(events, ['persist', 'a stored']);
    mock.timers.tick(2);
    t.deepEqual(events, ['persist', 'a stored', 'persist', 'b stored']);
  },
);
