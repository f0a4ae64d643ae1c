// The exchanges by name, as a load is told which one to have: it is a process of its own.
import { bare } from './bare.ts';
import { alive, ping, query } from './ddns.ts';
import type { Exchange } from './exchange.ts';

const exchanges = {
  bare: (bytes: string) => bare(Number(bytes)),
  query,
  alive: () => alive,
  ping: () => ping,
} satisfies Record<string, (argument: string) => Exchange>;

export interface ExchangeChoice {
  name: keyof typeof exchanges;
  argument?: string;
}

export function exchangeOf({ name, argument = '' }: ExchangeChoice): Exchange {
  return exchanges[name](argument);
}
