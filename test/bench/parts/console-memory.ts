// The memory of the console while it watches the demo network, a view after the other: it has to stay.
import { setTimeout as sleep } from 'node:timers/promises';
import { viewNames } from '../../../tui/state/common-state.ts';
import { makeDemoFolder } from '../../demo/places.ts';
import { startNetwork } from '../../demo/show.ts';
import { ConsoleTerminal } from '../console/terminal.ts';
import { median } from '../median.ts';
import { residentBytesOf } from '../process-tree.ts';
import type { Part } from './part.ts';

const sampleMs = 1_000;
/** Each view for so long, then the next one. */
const samplesOfView = 15;
const seed = 7;
/** Of the time: what the first of it brings is compiled code, caches and a heap of the size it needs. */
const settledShare = 1 / 3;

const demoProgram = new URL('../../../dist/ddns-demo.js', import.meta.url).pathname;

const megabytes = (value: number) => (value / 2 ** 20).toFixed(1);

export const consoleMemory: Part = {
  name: 'console-memory',
  about: 'the resident memory of the console in the demo network, over --minutes',
  minutes: 20,
  isOnce: true,
  isLong: true,
  measure: async ({ consoles, minutes }) => {
    const folder = await makeDemoFolder();
    const network = startNetwork({ seed, folder, program: demoProgram, onEvent: () => {} });
    const socket = (await network.ready).servers[0]?.socket ?? '';
    const terminals = consoles.map((each) => new ConsoleTerminal(each, ['--socket', socket]));
    const samples = consoles.map((): number[] => []);
    const count = Math.round((minutes * 60_000) / sampleMs);
    for (let sample = 0; sample < count; sample++) {
      await sleep(sampleMs);
      const view = Math.floor(sample / samplesOfView) % viewNames.length;
      for (const [index, terminal] of terminals.entries()) {
        if (sample % samplesOfView === 0) terminal.type(String(view + 1));
        samples[index]?.push(residentBytesOf(terminal.pid));
        // A long run would keep all that was ever drawn.
        terminal.forget();
      }
    }
    await Promise.all(terminals.map((each) => each.close()));
    await network.close();
    return [
      {
        title: `resident memory over ${minutes} minutes, a sample a second, each view in turn`,
        heads: [
          'console',
          'first MB',
          'after a third',
          'median, MB',
          'last third',
          'most MB',
          'growth',
        ],
        rows: consoles.map(({ name }, index) => {
          const all = samples[index] ?? [];
          const from = Math.floor(all.length * settledShare);
          const middle = median(all.slice(from, 2 * from));
          const last = median(all.slice(2 * from));
          return [
            name,
            megabytes(all[0] ?? 0),
            megabytes(middle),
            megabytes(median(all)),
            megabytes(last),
            megabytes(Math.max(...all)),
            `${((100 * (last - middle)) / middle).toFixed(1)} %`,
          ];
        }),
        notes: ['Growth: from the median of the second third to that of the last.'],
      },
    ];
  },
};
