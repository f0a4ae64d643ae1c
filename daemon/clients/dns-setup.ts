// What a process needs to answer DNS, as JSON carries it to workers, and the responder made of it.

import type { Counters } from '../../shared/counters.ts';
import { DnsCookies } from '../core/dns/dns-cookies.ts';
import { UnprovenLimits } from '../core/dns/dns-limits.ts';
import { Zone } from '../core/dns/zone.ts';
import { DnsResponder, type ZoneSource } from './dns-responder.ts';

/** The same for all processes of a name server. */
export interface DnsSetup {
  /** with a dot at the end */
  zone: string;
  /** `ip:port` of the name servers, this one included */
  servers: readonly string[];
  /** the addresses of the machine, if this one listens at all of them */
  own: readonly string[];
  /** 16 bytes */
  cookieSecret: readonly number[];
  listsAll: boolean;
  /** that answer over UDP, and share what may be sent to forged sources */
  processes: number;
}

/** Clocks, chance and counters of the process. */
export interface DnsSurroundings {
  counters: Counters;
  /** numbers in [0, 1) */
  random: () => number;
  /** machine ms */
  now: () => number;
}

/** A responder with hosts from `source`. */
export function createResponder(
  { zone, servers, own, cookieSecret, listsAll, processes }: DnsSetup,
  source: ZoneSource,
  surroundings: DnsSurroundings,
): DnsResponder {
  return new DnsResponder({
    ...surroundings,
    zone: new Zone(zone, servers, own),
    source,
    cookies: new DnsCookies(Uint8Array.from(cookieSecret)),
    limits: new UnprovenLimits(1 / processes),
    listsAll,
  });
}
