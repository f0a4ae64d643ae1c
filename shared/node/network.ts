// What a node needs of a network: to ask, and to be asked. Handed in, so that many nodes run in one
// test without sockets.
import { networkInterfaces } from 'node:os';
import type { Reply, Request } from '../protocol/message.ts';
import { type ExchangeOptions, exchange, type Outcome } from './exchange.ts';
import { listenTcp } from './tcp-listener.ts';
import type { Timers } from './timers.ts';

/** Answers a request that came from `ip`. */
export type Answerer = (request: Request, ip: string) => Reply;

export interface Listener {
  /** the one the system chose when any was asked for */
  port: number;
  close(): Promise<void>;
}

export interface Network {
  /** Asks `address`, `ip:port`; resolves always. */
  exchange(
    address: string,
    request: Request,
    options: Omit<ExchangeOptions, 'timers'>,
  ): Promise<Outcome>;
  /** IPs of this machine, for a node that listens on all of them. */
  addresses?(): string[];
  /** Rejects when it cannot listen there. */
  listen(ip: string, port: number, answer: Answerer): Promise<Listener>;
}

export function tcpNetwork(timers: Timers): Network {
  return {
    exchange: (address, request, options) => exchange(address, request, { ...options, timers }),
    listen: listenTcp,
    addresses: () =>
      Object.values(networkInterfaces()).flatMap((infos) =>
        (infos ?? []).map(({ address }) => address),
      ),
  };
}
