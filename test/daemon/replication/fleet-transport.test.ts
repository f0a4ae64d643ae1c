// The transport over NATS, with the nats-server of the system: what every transport owes, in the clear and sealed.
import type { ExecutionContext } from 'ava';
import { FleetSeal } from '../../../daemon/net/fleet-seal.ts';
import { FleetTransport } from '../../../daemon/replication/fleet-transport.ts';
import { connectNats } from '../../../daemon/replication/nats-bus.ts';
import type { TransportOwner } from '../../../daemon/replication/transport.ts';
import { type FleetSetting, parseFleet } from '../../../shared/config/fleet.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { hasNats, NatsServer } from '../../fixture/nats-server.ts';
import { conformance, type Station } from './transport-conformance.ts';

/** Two servers that meet at a nats-server with these lines of configuration. */
function two(secret: Secret | null, lines: readonly string[] = []) {
  return async (t: ExecutionContext, owners: readonly [TransportOwner, TransportOwner]) => {
    const nats = await NatsServer.start(t, lines);
    const fleet = parseFleet(nats.url) as FleetSetting;
    return owners.map((owner, index): Station => {
      const id = `server-${index}`;
      const transport = new FleetTransport(
        {
          ...{ fleet, id },
          seal: new FleetSeal(secret),
          connect: (events) => connectNats(fleet, { credentials: null, name: id }, events),
          isLeftOut: () => false,
          counters: { peersRefused: 0, fleetLost: 0 },
          news: () => {},
        },
        owner,
      );
      t.teardown(() => transport.close());
      return { transport, address: `127.0.0.${index + 2}:4524`, id };
    }) as [Station, Station];
  };
}

conformance({
  name: 'fleet in the clear',
  isEncrypted: false,
  reachesAll: true,
  two: two(null),
  isSkipped: !hasNats,
});

conformance({
  name: 'fleet with a secret',
  isEncrypted: true,
  reachesAll: true,
  two: two(new Secret('correct horse battery staple')),
  isSkipped: !hasNats,
});

conformance({
  name: 'fleet over a NATS of small messages',
  isEncrypted: true,
  reachesAll: true,
  two: two(new Secret('correct horse battery staple'), ['max_payload: 4096']),
  isSkipped: !hasNats,
});
