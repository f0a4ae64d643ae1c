// Five hundred nodes and three name servers: the real engine of a node and the real core of a name
// server, for an hour of virtual time in which nodes come and go and lines and servers fail, and then
// until the last dead node must be forgotten.
import test from 'ava';
import { seed } from '../../fixture/random.ts';
import { Fleet } from '../fleet.ts';
import { boundsFor, settleMs } from './bounds.ts';
import { Churn } from './churn.ts';
import { Internet } from './internet.ts';
import type { SimNode } from './sim-node.ts';
import { Weather } from './weather.ts';

const ttlMs = 3_600_000;
const attempts = 3;
const size = 500;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The last trouble, one of each kind, lasts this long until all is mended, in ms. */
const finaleMs = 8 * 60_000;

/** Whom `node` does not know of those it should, and whom it knows besides. */
function difference(node: SimNode, expected: ReadonlySet<string>) {
  const known = new Set(node.hosts());
  const lacks = [...expected].filter((address) => address !== node.address && !known.has(address));
  return { lacks, extra: [...known].filter((address) => !expected.has(address)) };
}

function addresses(nodes: readonly SimNode[]): Set<string> {
  return new Set(nodes.map(({ address }) => address));
}

/** A network that is about to begin. */
function createNetwork(nodes: number, hasTranscript = false) {
  // As time servers keep them: a ping that was answered by a clock that is ahead wins over a leave.
  const fleet = new Fleet({ servers: 3, seed, ttlMs, attempts, hasTranscript, skewMs: 20 });
  const internet = new Internet(fleet);
  const churn = new Churn(fleet, internet, nodes);
  const weather = new Weather(fleet, internet, churn);
  fleet.start();
  churn.start();
  weather.start();
  return { fleet, churn, weather, time: internet.time };
}

test('nodes › after an hour of churn and partitions all know all living ones within one refresh, and no dead one for longer than its time to live', async (t) => {
  // For a minute of virtual time: each assertion begins it anew.
  t.timeout(120_000);
  t.log(`SEED=${seed}`);
  const startedAt = performance.now();
  const { fleet, churn, weather, time } = createNetwork(size);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= minuteMs) {
      await time.run(Math.min(left, minuteMs));
      t.pass();
    }
  };
  const bounds = boundsFor(ttlMs, attempts);
  await pass(hourMs - finaleMs);
  weather.worsen();
  await pass(finaleMs);

  churn.stop();
  weather.end();
  const healedAt = fleet.world.now;
  // Good-byes under way are said, and the servers tell each other what they have.
  await pass(settleMs);
  t.true(fleet.isOneList());
  const living = churn.living();
  const isServed = ({ address }: SimNode) => fleet.at(0).serves(address);
  const heardOf = living.filter(isServed);
  const { joins, leaves, crashes } = churn.counts;
  t.log(`${joins} joins, ${leaves} leaves, ${crashes} crashes; ${JSON.stringify(weather.counts)}`);
  t.log(`${living.length} live, of whom the name servers know ${heardOf.length}`);

  // Whoever a name server knew of when all was mended is known to all within one refresh. Nobody is
  // there who left, and was heard; who crashed may be, until its time to live has run.
  await pass(bounds.refreshedMs);
  const known = addresses(heardOf);
  const left = addresses(
    churn.nodes.filter((node) => node.state === 'dead' && node.hasSaidGoodbye),
  );
  const wrong = living.flatMap((node) => {
    const { lacks } = difference(node, known);
    const { extra } = difference(
      node,
      new Set([...addresses(churn.nodes)].filter((address) => !left.has(address))),
    );
    return lacks.length + extra.length === 0 ? [] : [{ node: node.address, lacks, extra }];
  });
  t.deepEqual(wrong, []);

  // Who could not say to any name server that it is there has done so by now: one more refresh.
  await pass(bounds.nextMs);
  const all = addresses(living);
  t.deepEqual(
    living.flatMap((node) => difference(node, all).lacks),
    [],
  );

  // What died last is deleted, and all nodes have learned it.
  await pass(healedAt + bounds.deletedMs + bounds.nextMs - fleet.world.now);
  const others = living.flatMap((node) => {
    const { lacks, extra } = difference(node, all);
    return lacks.length + extra.length === 0 ? [] : [{ node: node.address, lacks, extra }];
  });
  t.deepEqual(others, []);
  t.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
});

test('nodes › the same seed gives the same history', async (t) => {
  const play = async () => {
    const { fleet, churn, time } = createNetwork(30, true);
    await time.run(hourMs / 2);
    return { transcript: fleet.transcript, lists: churn.nodes.map((node) => node.hosts()) };
  };
  const first = await play();
  t.true(first.transcript.length > 100);
  t.deepEqual(await play(), first);
});
