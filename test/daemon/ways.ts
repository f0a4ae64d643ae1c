// The two ways in which name servers reach each other, for scenes that must come out the same over both.
import test, { type ExecutionContext } from 'ava';
import { type FleetSetting, parseFleet } from '../../shared/config/fleet.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { NatsServer, natsTest } from '../fixture/nats-server.ts';

export interface Way {
  /** in the titles of tests */
  over: string;
  /** One after the other; skipped by name where there is no nats-server. */
  test: typeof natsTest;
  isNats: boolean;
  /** Lines of ddns.conf besides the usual ones. */
  lines(t: ExecutionContext): Promise<string[]>;
  /** The same as settings, for servers at these addresses. */
  settings(t: ExecutionContext, nameServers: readonly string[]): Promise<Partial<Settings>>;
}

export const ways: readonly Way[] = [
  {
    over: '',
    test: test.serial,
    isNats: false,
    lines: async () => [],
    settings: async (_, nameServers) => ({ nameServers }),
  },
  {
    over: ' over NATS',
    test: natsTest,
    isNats: true,
    lines: async (t) => [`Fleet=${(await NatsServer.start(t)).url}`],
    settings: async (t) => {
      const { url } = await NatsServer.start(t);
      return { fleet: parseFleet(url) as FleetSetting };
    },
  },
];
