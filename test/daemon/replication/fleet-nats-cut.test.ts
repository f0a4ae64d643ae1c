// What the network between name servers and NATS may do, each machine a network namespace: cables that are pulled out,
// of which nobody is told, and one that reads too slowly for NATS. With NATS_CUT_S=60 (`npm run fleet`) a cut lasts a
// minute; otherwise it ends when it was noticed.
import ava from 'ava';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { Cables, cablesTest } from '../../fixture/cables.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { hasNats, NatsServer } from '../../fixture/nats-server.ts';
import { areAlive, Daemons } from '../daemons.ts';

const test = hasNats ? cablesTest : ava.skip;
const cutMs = 1_000 * Number(process.env.NATS_CUT_S ?? 0);
/** Heartbeats of 250 ms: a peer that is silent shows after seconds. */
const lines = ['Secret=correct horse battery staple', 'TTL=15m'];

const isWhole =
  (hosts: number, others: number) =>
  ({ hosts: { live }, peers }: Status) =>
    live === hosts && areAlive(others)(peers) && peers.every(({ trouble }) => trouble === null);

/** All others have been silent for as long as a cut lasts. */
const areSilent = ({ peers }: Status) =>
  peers.every(({ last }) => last != null && Date.now() - last.at >= cutMs);

test('fleet over NATS, cables › a server whose cable is out serves its nodes, and afterwards all servers have all hosts', async (t) => {
  t.timeout(180_000 + cutMs);
  const cables = new Cables(t, 3);
  const nats = await NatsServer.start(t, [], { on: cables.on(0), ip: cables.ips[0] as string });
  const fleet = await Daemons.prepare(t, cables.ips.slice(1), [`Fleet=${nats.url}`, ...lines]);
  fleet.on = (index) => cables.on(index + 1);
  for (const index of [0, 1, 2]) await fleet.start(index);
  for (const index of [0, 1, 2]) await fleet.peersUntil(index, areAlive(2));
  cables.register(1, fleet.port, 1, 50);
  for (const index of [0, 1, 2]) await fleet.statusUntil(index, ({ hosts }) => hosts.live === 50);

  cables.unplug(1);
  const cutAt = performance.now();
  cables.register(1, fleet.port, 101, 50);
  cables.register(2, fleet.port, 201, 50);
  await fleet.statusUntil(2, ({ hosts }) => hosts.live === 100);
  const alone = await fleet.peersUntil(0, (peers) =>
    peers.every(({ state, trouble }) => state === 'down' && trouble !== null),
  );
  t.log(`noticed after ${Math.round(performance.now() - cutAt)} ms`);
  t.true(alone.peers.every(({ trouble }) => trouble?.startsWith('NATS is not reached at')));
  t.is(alone.hosts.live, 100, 'its own nodes are served');
  const { peers } = await fleet.peersUntil(1, (each) => areAlive(1)(each) && !areAlive(2)(each));
  t.deepEqual(
    peers.map(({ trouble }) => trouble),
    [null, null],
  );
  await fleet.statusUntil(0, areSilent);

  cables.plug(1);
  const pluggedAt = performance.now();
  for (const index of [0, 1, 2]) {
    const { counters } = await fleet.statusUntil(index, isWhole(150, 2));
    t.deepEqual([counters.fleetLost, counters.expired], [index === 0 ? 1 : 0, 0]);
  }
  t.log(`all have all ${Math.round(performance.now() - pluggedAt)} ms after the cable is in again`);
});

test('fleet over NATS, cables › servers at a leaf of NATS go on without its hub, and meet the others when it is back', async (t) => {
  t.timeout(180_000 + cutMs);
  const cables = new Cables(t, 1);
  const [hubIp, leafIp] = cables.ips as [string, string];
  const quick = 'ping_interval: "1s"';
  const hub = await NatsServer.start(t, [quick, `leafnodes { listen: "${hubIp}:7422" }`], {
    ...{ on: cables.on(0), ip: hubIp },
  });
  const remote = `remotes: [ { url: "nats-leaf://${hubIp}:7422" } ]`;
  const leaf = await NatsServer.start(t, [quick, `leafnodes { reconnect: 1, ${remote} }`], {
    ...{ on: cables.on(1), ip: leafIp },
  });
  const fleet = await Daemons.prepare(t, cables.ips);
  fleet.on = (index) => cables.on(index);
  for (const [index, { url }] of [hub, leaf].entries()) {
    await fleet.configure(index, [`Fleet=${url}`, ...lines]);
    await fleet.start(index);
  }
  for (const index of [0, 1]) await fleet.peersUntil(index, areAlive(1));

  cables.unplug(1);
  for (const index of [0, 1]) cables.register(index, fleet.port, 1 + 100 * index, 50);
  for (const index of [0, 1]) {
    const { peers } = await fleet.peersUntil(index, ([peer]) => peer?.state === 'down');
    t.is(peers[0]?.trouble, null, 'its NATS is there');
  }
  await fleet.statusUntil(0, areSilent);

  cables.plug(1);
  for (const index of [0, 1]) {
    const { counters } = await fleet.statusUntil(index, isWhole(100, 1));
    t.deepEqual([counters.fleetLost, counters.expired], [0, 0]);
  }
});

test('fleet over NATS, cables › one that NATS gives up as a slow consumer holds up nobody, and comes back for what it missed', async (t) => {
  t.timeout(180_000);
  const cables = new Cables(t, 2);
  for (const number of [0, 2]) cables.narrow(number);
  const [ip = ''] = cables.ips;
  const nats = await NatsServer.start(t, ['max_payload: 65536', 'max_pending: 400000'], {
    on: cables.on(0),
    ip,
  });
  const fleet = await Daemons.prepare(t, cables.ips.slice(1), [
    ...[`Fleet=${nats.url}`, ...lines],
    ...['NewHostsPerSource=1000000', 'NewHostsPerNetwork=1000000'],
  ]);
  fleet.on = (index) => cables.on(index + 1);
  for (const index of [0, 1]) await fleet.start(index);
  for (const index of [0, 1]) await fleet.peersUntil(index, areAlive(1));

  fleet.signal(1, 'SIGSTOP');
  cables.register(1, fleet.port, 1, 9_000);
  await lookUntil(() => nats.logged.some((line) => /Slow Consumer/.test(line)));
  const { counters } = await fleet.statusUntil(0, ({ hosts }) => hosts.live === 9_000);
  t.is(counters.fleetLost, 0);
  fleet.signal(1, 'SIGCONT');
  const late = await fleet.statusUntil(1, isWhole(9_000, 1));
  t.is(late.counters.fleetLost, 1);
  await fleet.statusUntil(0, isWhole(9_000, 1));
});
