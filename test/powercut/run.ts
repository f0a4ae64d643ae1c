// `npm run powercut`: a power cut after every write of a run of ddnsd. Needs strace.
import { parseArgs } from 'node:util';
import { cutEverywhere, recordRun } from './powercut.ts';

/** More than what makes a checkpoint due. */
const usualRegistrations = '450';

const { values } = parseArgs({
  options: { registrations: { type: 'string', default: usualRegistrations } },
});
const steps = await recordRun(Number(values.registrations));
const kinds = new Set(steps.map(({ kind }) => kind));
const count = (wanted: string) => steps.filter(({ kind }) => kind === wanted).length;
process.stdout.write(
  `recorded: ${[...kinds].map((kind) => `${count(kind)} ${kind}`).join(', ')}\n`,
);
const { cuts, images, answered, losses } = cutEverywhere(steps);
for (const loss of losses.slice(0, 20)) process.stdout.write(`lost: ${loss}\n`);
process.stdout.write(
  `${cuts} power cuts, ${images} different images opened, ${answered} registrations answered: ${losses.length} losses\n`,
);
process.exitCode = losses.length === 0 ? 0 : 1;
