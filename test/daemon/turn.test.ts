import { mock } from 'node:test';
import test from 'ava';
import { Turn, type Waiting } from '../../daemon/turn.ts';
import type { Refusal } from '../../shared/protocol/message.ts';

const failure: Refusal = { code: 'not-stored', text: 'the disk is full' };

/** A turn whose events are noted in the order in which they happen. */
function setUp(outcome: () => Refusal | null = () => null, isGathered = () => false) {
  const events: string[] = [];
  const accepted = { connections: 0 };
  const turn = new Turn({
    persist: () => {
      events.push('persist');
      return outcome();
    },
    arrivals: () => accepted.connections,
    isGathered,
  });
  const client = (name: string, then = () => {}): Waiting => ({
    release(refusal) {
      events.push(`${name} ${refusal?.code ?? 'stored'}`);
      then();
    },
  });
  return { events, turn, client, accepted };
}

/** Resolves when a turn has ended, which adds its last event. */
function ended(events: string[], count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (events.length >= count ? resolve() : setImmediate(look));
    look();
  });
}

test('turn › all who wait are released after one commit, in the order they came', async (t) => {
  const { events, turn, client } = setUp();
  const [a, b] = [client('a'), client('b')];
  for (const each of [a, b, a, b]) turn.add(each);
  t.deepEqual(events, []);
  await ended(events, 3);
  t.deepEqual(events, ['persist', 'a stored', 'b stored']);
});

test('turn › a failed commit is told to everybody', async (t) => {
  const { events, turn, client } = setUp(() => failure);
  turn.add(client('a'));
  turn.add(client('b'));
  await ended(events, 3);
  t.deepEqual(events, ['persist', 'a not-stored', 'b not-stored']);
});

test('turn › it can be ended at once, and does not end again', async (t) => {
  const { events, turn, client } = setUp(() => failure);
  turn.add(client('a'));
  t.is(turn.end(), failure);
  t.deepEqual(events, ['persist', 'a not-stored']);
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  t.is(events.length, 2);
});

test('turn › who is added while others are released waits for the next commit', async (t) => {
  const { events, turn, client } = setUp();
  const late = client('late');
  turn.add(client('a', () => turn.add(late)));
  await ended(events, 4);
  t.deepEqual(events, ['persist', 'a stored', 'persist', 'late stored']);
});

test('turn › while connections are accepted, their requests are waited for', async (t) => {
  const { events, turn, client, accepted } = setUp();
  turn.add(client('a'));
  for (const name of ['b', 'c', 'd']) {
    accepted.connections++;
    await new Promise((resolve) => setImmediate(resolve));
    t.deepEqual(events, []);
    turn.add(client(name));
  }
  await ended(events, 5);
  t.deepEqual(events, ['persist', 'a stored', 'b stored', 'c stored', 'd stored']);
});

test.serial(
  'turn › after a group that shows load, those of the next turns share a commit',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const { events, turn, client } = setUp();
    for (let i = 0; i < 10; i++) turn.add(client(`first ${i}`));
    turn.end();
    events.length = 0;
    for (const name of ['a', 'b', 'c']) {
      turn.add(client(name));
      for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
      t.deepEqual(events, []);
    }
    mock.timers.tick(2);
    t.deepEqual(events, ['persist', 'a stored', 'b stored', 'c stored']);
  },
);

test.serial('turn › what was gathered before waits for nobody, however much it is', async (t) => {
  // No timer ever ends.
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { events, turn, client } = setUp(undefined, () => true);
  turn.add(client('a'), 50);
  turn.end();
  turn.add(client('b'), 50);
  await ended(events, 4);
  t.deepEqual(events, ['persist', 'a stored', 'persist', 'b stored']);
});

test.serial('turn › one who stands for many requests shows load as many would', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { events, turn, client } = setUp();
  turn.add(client('a'), 4);
  turn.end();
  turn.add(client('b'));
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(events, ['persist', 'a stored']);
  mock.timers.tick(2);
  t.deepEqual(events, ['persist', 'a stored', 'persist', 'b stored']);
});
