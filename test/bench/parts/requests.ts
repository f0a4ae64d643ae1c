// What a registration costs beside a bare Node server that answers as many bytes.
import { type Contender, compare } from '../comparison.ts';
import { comparisonTable } from '../comparison-table.ts';
import { bareContender, ddnsdContender } from '../contenders.ts';
import { seededFolder } from '../ddnsd-server.ts';
import {
  connectionEach,
  connectionEachTitle,
  keptOpen,
  keptOpenTitle,
  loadHosts,
} from '../jobs.ts';
import { counted } from '../table.ts';
import type { Part } from './part.ts';

/** Bytes of an answer with 50 hosts, and with the 9 that a registry of 10 has for one. */
const answerBytes = { nine: 175, fifty: 1_000 };

const sizes = [
  { hosts: 10, ofLoad: 10, bytes: answerBytes.nine },
  { hosts: 10_000, ofLoad: loadHosts, bytes: answerBytes.fifty },
  { hosts: 100_000, ofLoad: loadHosts, bytes: answerBytes.fifty },
];

export const requests: Part = {
  name: 'requests',
  about: 'a registration with limit=50, beside a bare Node server that answers as many bytes',
  minutes: 3,
  measure: async ({ builds, ...pace }) => {
    const bares = new Map<number, Contender>();
    const yardsticks = new Map<Contender, Contender>();
    const contenders: Contender[] = [];
    for (const { hosts, ofLoad, bytes } of sizes) {
      let bare = bares.get(bytes);
      if (bare === undefined) {
        const exchange = { name: 'bare', argument: String(bytes) } as const;
        bare = bareContender(bytes, { each: connectionEach(exchange), kept: keptOpen(exchange) });
        bares.set(bytes, bare);
        contenders.push(bare);
      }
      for (const build of builds) {
        const exchange = { name: 'query', argument: 'limit=50' } as const;
        const folder = await seededFolder(build, hosts, ofLoad);
        const contender = ddnsdContender(
          `${counted(hosts)} hosts`,
          { build, folder },
          { each: connectionEach(exchange, ofLoad), kept: keptOpen(exchange, ofLoad) },
        );
        contenders.push(contender);
        yardsticks.set(contender, bare);
      }
    }
    const compared = await compare(contenders, pace);
    const yardstick = (contender: Contender) => yardsticks.get(contender) ?? null;
    const ratio = 'of bare';
    return [
      comparisonTable(compared, { title: connectionEachTitle, job: 'each', ratio, yardstick }),
      comparisonTable(compared, { title: keptOpenTitle, job: 'kept', ratio, yardstick }),
    ];
  },
};
