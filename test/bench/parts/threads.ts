// One worker against two: what a request costs all processes of the server together, and how the
// work is spread over them. Both may use every core; the load stays on one of them.
import { cpus } from 'node:os';
import { type Contender, compare } from '../comparison.ts';
import { comparisonTable } from '../comparison-table.ts';
import { ddnsdContender } from '../contenders.ts';
import { seededFolder } from '../ddnsd-server.ts';
import {
  connectionEach,
  connectionEachTitle,
  keptOpen,
  keptOpenTitle,
  loadHosts,
  paced,
  pacedTitle,
} from '../jobs.ts';
import type { Part } from './part.ts';

const hosts = 10_000;

export const threads: Part = {
  name: 'threads',
  about: 'Threads=1 beside Threads=2, at 10,000 hosts',
  minutes: 4,
  measure: async ({ builds, ...pace }) => {
    const exchange = { name: 'query', argument: 'limit=50' } as const;
    const jobs = {
      each: connectionEach(exchange),
      kept: keptOpen(exchange),
      pings: keptOpen({ name: 'ping' }),
      paced: paced(exchange),
    };
    const yardsticks = new Map<Contender, Contender>();
    const contenders: Contender[] = [];
    for (const build of builds) {
      let one: Contender | null = null;
      for (const number of [1, 2]) {
        const folder = await seededFolder(build, hosts, loadHosts);
        const options = { build, folder, threads: number, isSpread: true };
        const contender = ddnsdContender(`Threads=${number}`, options, jobs);
        contenders.push(contender);
        if (one !== null) yardsticks.set(contender, one);
        one = contender;
      }
    }
    const compared = await compare(contenders, pace);
    const notes = [
      `The first process is the main one, the others are the workers. They share ${cpus().length} cores with the load, so requests a second are no more than what it leaves them.`,
    ];
    const given = {
      ratio: 'to Threads=1',
      yardstick: (contender: Contender) => yardsticks.get(contender) ?? null,
      showsProcesses: true,
    };
    return [
      comparisonTable(compared, {
        title: `limit=50, ${connectionEachTitle}`,
        job: 'each',
        ...given,
      }),
      comparisonTable(compared, { title: `limit=50, ${keptOpenTitle}`, job: 'kept', ...given }),
      comparisonTable(compared, { title: `ping, ${keptOpenTitle}`, job: 'pings', ...given }),
      comparisonTable(compared, {
        title: `limit=50, ${pacedTitle}`,
        job: 'paced',
        notes,
        ...given,
      }),
    ];
  },
};
