// The ways in which clients come, the same for every server.
import type { JobLoad } from './comparison.ts';
import type { ExchangeChoice } from './exchanges/exchanges.ts';

/** Hosts on whose behalf a load asks when nothing else is said. */
export const loadHosts = 1_000;

export function connectionEach(exchange: ExchangeChoice, hosts = loadHosts): JobLoad {
  return { exchange, hosts, clients: 32, depth: 1, reconnect: true };
}

export function keptOpen(exchange: ExchangeChoice, hosts = loadHosts): JobLoad {
  return { exchange, hosts, clients: 8, depth: 16, reconnect: false };
}

/** Half of what one process does: how large the groups are follows from the pace, the same for all. */
const pace = 1_500;

export function paced(exchange: ExchangeChoice): JobLoad {
  return { ...connectionEach(exchange), perSecond: pace };
}

export const pacedTitle = `a connection for each request, ${pace} begun in a second`;
export const connectionEachTitle = 'a connection for each request, 32 clients';
export const keptOpenTitle = 'connections kept open, 8 clients, 16 requests in flight on each';
