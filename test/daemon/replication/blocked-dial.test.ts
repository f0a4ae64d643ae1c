// Two name servers of which one cannot be dialled at the address that it gives, as behind a NAT that forwards nothing.
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';

const [outerIp, innerIp] = ['127.0.8.85', '127.0.8.86'] as const;

test('blocked dial › a peer that cannot be reached is in trouble, is reported once, and gets every change at once', async (t) => {
  const port = await freePort();
  const advertised = `${innerIp}:${await freePort()}`;
  const outer = await startTestServer(t, {
    settings: { interface: outerIp, port, nameServers: [advertised] },
  });
  const inner = await startTestServer(t, {
    settings: { interface: innerIp, advertise: advertised, nameServers: [`${outerIp}:${port}`] },
  });
  const isLinked = ({ peers: [peer] }: Awaited<ReturnType<typeof outer.status>>) =>
    peer?.state === 'alive' && peer.lag !== null;
  await Promise.all([outer.until(isLinked), inner.until(isLinked)]);
  for (const [server, request] of [
    [outer, 'alive outside 1\n'],
    [inner, 'alive inside 2\n'],
  ] as const) {
    const host = server.settings.interface;
    t.is(await exchange(server.port, request, { host, from: '127.0.9.1' }), 'ok\n');
  }
  for (const server of [outer, inner]) {
    const { counters } = await server.until(({ hosts }) => hosts.live === 2);
    t.deepEqual([counters.changesReceived, counters.changesRepaired], [1, 0], 'pushed');
  }
  const { peers } = await outer.until(({ peers: [peer] }) => peer?.trouble != null);
  const why =
    'refuses connections: nothing listens there; start ddnsd there, or correct its address in NameServers';
  t.is(peers[0]?.trouble, why);
  t.is((await inner.status()).peers[0]?.trouble, null);
  const told = outer.logged.filter(({ msg }) => msg === `peer ${advertised} ${why}`);
  t.is(told.length, 1);
});
