// The exchanges by name, as a load is told which one to have: it is a process of its own.
import { announce } from './announce.ts';
import { bare } from './bare.ts';
import { alive, ping, query } from './ddns.ts';
import { dnsUpdate } from './dns-update.ts';
import { etcdPut } from './etcd.ts';
import type { Exchange } from './exchange.ts';
import { natsPublish } from './nats.ts';
import { redisFill, redisList, redisStore } from './redis.ts';

const exchanges = {
  bare: (bytes: string) => bare(Number(bytes)),
  query,
  alive: () => alive,
  ping: () => ping,
  announce: () => announce('keep-alive'),
  announceOnce: () => announce('close'),
  dnsUpdate: () => dnsUpdate,
  etcdPut: () => etcdPut,
  natsPublish: () => natsPublish,
  redisFill: () => redisFill,
  redisList: () => redisList,
  redisStore: () => redisStore,
} satisfies Record<string, (argument: string) => Exchange>;

export interface ExchangeChoice {
  name: keyof typeof exchanges;
  argument?: string;
}

export function exchangeOf({ name, argument = '' }: ExchangeChoice): Exchange {
  return exchanges[name](argument);
}
