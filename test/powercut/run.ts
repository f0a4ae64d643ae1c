// `npm run powercut`: a power cut after every write of a run of ddnsd, of one that brings the database of an older version
// up to date, and of one that writes a new file. Needs strace.
import { parseArgs } from 'node:util';
import {
  type Before,
  cutEverywhere,
  olderDatabase,
  presentDatabase,
  recordRun,
  type Serving,
  servingWithHeldLog,
} from './powercut.ts';

/** More than what makes a checkpoint due. */
const usualRegistrations = '450';

const { values } = parseArgs({
  options: { registrations: { type: 'string', default: usualRegistrations } },
});

/** Hosts of which a commit makes a checkpoint due. */
const heldHosts = 1_600;

/** Hosts in a database of an older version, some dozen pages. */
const olderHosts = 1_000;

async function cut(
  what: string,
  registrations: number,
  before?: Before,
  serve?: Serving,
): Promise<number> {
  const steps = await recordRun(registrations, before, serve);
  const kinds = new Set(steps.map(({ kind }) => kind));
  const count = (wanted: string) => steps.filter(({ kind }) => kind === wanted).length;
  process.stdout.write(
    `${what}: recorded ${[...kinds].map((kind) => `${count(kind)} ${kind}`).join(', ')}\n`,
  );
  const { cuts, images, answered, losses } = cutEverywhere(steps, true, before);
  for (const loss of losses.slice(0, 20)) process.stdout.write(`lost: ${loss}\n`);
  process.stdout.write(
    `${cuts} power cuts, ${images} different images opened, ${answered} hosts were there or registered: ${losses.length} losses\n`,
  );
  return losses.length;
}

const losses =
  (await cut('registrations', Number(values.registrations))) +
  (await cut('an older database', 1, olderDatabase(olderHosts))) +
  (await cut('a new file', 9, presentDatabase(heldHosts), servingWithHeldLog));
process.exitCode = losses === 0 ? 0 : 1;
