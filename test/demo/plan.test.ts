import test from 'ava';
import { seededRandom } from '../../shared/seeded-random.ts';
import { type Act, Plan } from './plan.ts';

const hourMs = 3_600_000;
const ttlMs = 20_000;

interface Timed {
  at: number;
  act: Act;
}

/** Runs the clock from one thing to the next. */
function run(seed: number, forMs: number, startMs = 0): Timed[] {
  const plan = new Plan({
    ...{ nodes: 60, servers: 3, ttlMs },
    random: seededRandom(seed),
    now: startMs,
  });
  const acts: Timed[] = [];
  for (let at = plan.nextAt; at <= startMs + forMs; at = plan.nextAt)
    for (const act of plan.take(at)) acts.push({ at, act });
  return acts;
}

/** What happens to each node, in order. */
function lives(acts: Timed[]): Timed[][] {
  return Array.from({ length: 60 }, (_, node) =>
    acts.filter(({ act }) => 'node' in act && act.node === node),
  );
}

test('demo plan › the same seed gives the same network, another one another', (t) => {
  t.deepEqual(run(7, 300_000), run(7, 300_000));
  t.notDeepEqual(run(7, 60_000), run(8, 60_000));
});

test('demo plan › where the clock starts does not matter', (t) => {
  const shift = ({ at, act }: Timed) => ({ at: Math.round(at), act });
  const later = run(7, 60_000, 5_000).map(({ at, act }) => ({ at: at - 5_000, act }));
  t.deepEqual(later.map(shift), run(7, 60_000).map(shift));
});

test('demo plan › all nodes join within seconds, six of them during the first burst, at its server', (t) => {
  const acts = run(1, 5_000);
  const burst = acts.find(({ act }) => act.kind === 'burst');
  t.deepEqual(burst, { at: 2_500, act: { kind: 'burst', server: 0, forMs: 3_000 } });
  const first = lives(acts).map(([join]) => join);
  t.is(first.filter((join) => join !== undefined && join.at <= 2_000).length, 54);
  const rushed = first.slice(54);
  t.true(rushed.every((join) => join && join.at >= 3_000 && join.at <= 4_500));
  t.deepEqual(
    rushed.map((join) => join?.act),
    [54, 55, 56, 57, 58, 59].map((node) => ({ kind: 'join', node, through: 0 })),
  );
});

test('demo plan › a node joins and goes by turns, and is never away or there for ever', (t) => {
  for (const life of lives(run(2, hourMs))) {
    const kinds = life.map(({ act }) => act.kind);
    t.true(kinds.every((kind, index) => (kind === 'join') === (index % 2 === 0)));
    t.true(kinds.length > 30);
  }
});

test('demo plan › of those that crash some are back before they are missed, some are not', (t) => {
  const absences = lives(run(3, hourMs)).flatMap((life) =>
    life.flatMap(({ at, act }, index) => {
      const back = life[index + 1];
      return act.kind === 'crash' && back !== undefined ? [back.at - at] : [];
    }),
  );
  t.true(absences.some((ms) => ms < ttlMs / 2));
  t.true(absences.some((ms) => ms > ttlMs * 1.4));
});

test('demo plan › the first server stays up, the others go down one at a time', (t) => {
  const outages = run(4, hourMs).filter(({ act }) => act.kind === 'outage');
  const servers = outages.map(({ act }) => (act as Act & { kind: 'outage' }).server);
  t.deepEqual([...new Set(servers)].toSorted(), [1, 2]);
  let upAt = 0;
  for (const { at, act } of outages) {
    t.true(at > upAt);
    upAt = at + (act as Act & { kind: 'outage' }).forMs;
  }
});

test('demo plan › bursts go on, at every server', (t) => {
  const bursts = run(5, hourMs).filter(({ act }) => act.kind === 'burst');
  t.true(bursts.length > 150);
  const servers = bursts.map(({ act }) => (act as Act & { kind: 'burst' }).server);
  t.deepEqual([...new Set(servers)].toSorted(), [0, 1, 2]);
});

test('demo plan › what is due is taken once, in its order, however late', (t) => {
  const plan = new Plan({
    ...{ nodes: 60, servers: 3, ttlMs, now: 0 },
    random: seededRandom(6),
  });
  t.deepEqual(plan.take(-1), []);
  t.deepEqual(
    plan.take(60_000),
    run(6, 60_000).map(({ act }) => act),
  );
  t.deepEqual(plan.take(60_000), []);
  t.true(plan.nextAt > 60_000);
});
