// What a name server costs that nobody asks anything.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Build, seededFolder, startDdnsd } from '../ddnsd-server.ts';
import { median } from '../median.ts';
import { counted } from '../table.ts';
import type { Part } from './part.ts';

const sizes = [0, 100_000];

/** A clock of 10 ms ticks: one of them is 0.05 % of a core. */
const idleSeconds = 20;

/** The start's left-overs: compiling, collecting garbage, the first look at everything. */
const settleMs = 5_000;

interface Tried {
  build: Build;
  hosts: number;
  folder: string;
}

export const idle: Part = {
  name: 'idle',
  about: 'CPU of a name server with 100,000 hosts that nobody asks',
  minutes: 2,
  measure: async ({ builds, rounds }) => {
    const tried: Tried[] = [];
    for (const build of builds)
      for (const hosts of sizes)
        tried.push({ build, hosts, folder: await seededFolder(build, hosts) });
    const shares = tried.map(() => [] as number[]);
    // All at once: nothing competes for a core.
    const servers = await Promise.all(tried.map(startDdnsd));
    try {
      await sleep(settleMs);
      for (let round = 0; round < rounds; round++) {
        const before = servers.map((server) => server.cpuUs());
        const startedAt = performance.now();
        await sleep(idleSeconds * 1_000);
        const us = (performance.now() - startedAt) * 1_000;
        for (const [index, server] of servers.entries())
          shares[index]?.push((server.cpuUs() - (before[index] as number)) / us);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
    return [
      {
        title: `idle for ${idleSeconds} s`,
        heads: ['server', 'of a core'],
        rows: tried.map(({ build, hosts }, index) => [
          `${build.name}, ${counted(hosts)} hosts`,
          `${(median(shares[index] ?? []) * 100).toFixed(2)} %`,
        ]),
      },
    ];
  },
};
