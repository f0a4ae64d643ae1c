// How the cost of a registration with limit=50 grows with the registry. The hosts that ask are spread
// over the registry and known before, so that every size does the same: refresh, commit, answer.
import { type Contender, compare } from '../comparison.ts';
import { comparisonTable } from '../comparison-table.ts';
import { ddnsdContender } from '../contenders.ts';
import { seededFolder } from '../ddnsd-server.ts';
import { mostOfLoad } from '../exchanges/exchange.ts';
import { connectionEach, connectionEachTitle, keptOpen, keptOpenTitle } from '../jobs.ts';
import { counted } from '../table.ts';
import type { Part } from './part.ts';

const sizes = [100, 10_000, 1_000_000];

export const growth: Part = {
  name: 'growth',
  about: 'a registration with limit=50, from 100 to 1,000,000 hosts',
  minutes: 3,
  measure: async ({ builds, ...pace }) => {
    const smallest = new Map<string, Contender>();
    const yardsticks = new Map<Contender, Contender>();
    const contenders: Contender[] = [];
    for (const hosts of sizes)
      for (const build of builds) {
        const ofLoad = Math.min(hosts / 2, mostOfLoad);
        const exchange = { name: 'query', argument: 'limit=50' } as const;
        const contender = ddnsdContender(
          `${counted(hosts)} hosts`,
          { build, folder: await seededFolder(build, hosts, ofLoad) },
          { each: connectionEach(exchange, ofLoad), kept: keptOpen(exchange, ofLoad) },
        );
        contenders.push(contender);
        const first = smallest.get(build.name);
        if (first === undefined) smallest.set(build.name, contender);
        else yardsticks.set(contender, first);
      }
    const compared = await compare(contenders, pace);
    const yardstick = (contender: Contender) => yardsticks.get(contender) ?? null;
    const notes = [`The load asks on behalf of half the hosts, of ${counted(mostOfLoad)} at most.`];
    const given = { ratio: 'to 100 hosts', yardstick };
    return [
      comparisonTable(compared, { title: connectionEachTitle, job: 'each', ...given }),
      comparisonTable(compared, { title: keptOpenTitle, job: 'kept', notes, ...given }),
    ];
  },
};
