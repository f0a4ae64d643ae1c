// Servers compared at their jobs: in each round every one is started anew, warmed up and measured, one
// after the other, so that a machine whose speed drifts drifts for all. CPU of the server's processes
// is the figure to trust; requests a second are bounded by the load when that needs its core whole.
import type { LoadOptions } from './load.ts';
import { runLoad } from './load-process.ts';
import type { MeasuredServer } from './measured-server.ts';
import { medianOf } from './median.ts';

export interface Pace {
  rounds: number;
  /** of each measurement */
  seconds: number;
}

export type JobLoad = Omit<LoadOptions, 'port' | 'seconds' | 'requests'>;

export interface Contender {
  name: string;
  start(): Promise<MeasuredServer>;
  /** by name; servers with a job of the same name are compared */
  jobs: Readonly<Record<string, JobLoad>>;
  /** done by requests before anything is measured, in every round */
  fill?: JobLoad & { requests: number };
  /** before each measurement; what a compiler at run time needs when left out */
  warmUpSeconds?: number;
}

export interface Figures {
  cpuUs: number;
  perSecond: number;
  p50: number;
  p99: number;
  /** bytes received for an answer */
  bytes: number;
  loadCpuUs: number;
  /** of a core that the load used */
  loadShare: number;
  /** of a core that neither server nor load used: what else ran on the machine */
  otherShare: number;
  /** of the server's CPU, each of its processes */
  shares: readonly number[];
}

/** The first seconds of a server are the compiler's and the growing log's; a name server runs for months. With
 * less, half of what two processes each cost was compiling. */
const compilerSeconds = 6;

/** Of a core, by others than server and load: with so much a request costs noticeably more. */
const disturbingShare = 0.25;
const mostTimes = 2;

/** Nothing is filled longer. */
const fillSeconds = 60;

/** The medians, by contender and job. */
export type Compared = ReadonlyMap<Contender, Readonly<Record<string, Figures>>>;

export async function compare(
  contenders: readonly Contender[],
  { rounds, seconds }: Pace,
): Promise<Compared> {
  const measured = new Map(contenders.map((each) => [each, [] as Record<string, Figures>[]]));
  for (let round = 0; round < rounds; round++)
    for (const contender of contenders) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${contender.name}\n`);
      measured.get(contender)?.push(await measureAll(contender, seconds));
    }
  const middle = ({ jobs }: Contender, each: Record<string, Figures>[]) =>
    Object.fromEntries(
      Object.keys(jobs).map((job) => [job, middleOf(each.map((round) => round[job] as Figures))]),
    );
  return new Map([...measured].map(([contender, each]) => [contender, middle(contender, each)]));
}

async function measureAll(contender: Contender, seconds: number): Promise<Record<string, Figures>> {
  const server = await contender.start();
  try {
    const { port } = server;
    if (contender.fill) await runLoad({ ...contender.fill, port, seconds: fillSeconds });
    const figures: Record<string, Figures> = {};
    for (const name of Object.keys(contender.jobs))
      figures[name] = await measure(contender, name, server, seconds);
    return figures;
  } finally {
    await server.stop();
  }
}

/** Measures until nothing else disturbs it, or the times are over: then the quietest one counts. */
async function measure(
  { name, jobs, warmUpSeconds = compilerSeconds }: Contender,
  job: string,
  server: MeasuredServer,
  seconds: number,
): Promise<Figures> {
  const load = jobs[job] as JobLoad;
  await runLoad({ ...load, port: server.port, seconds: warmUpSeconds });
  let quietest: Figures | null = null;
  for (let time = 0; time < mostTimes; time++) {
    const figures = await measureOnce(`${name}, ${job}`, server, load, seconds);
    if (figures.otherShare < (quietest?.otherShare ?? Number.POSITIVE_INFINITY)) quietest = figures;
    if (figures.otherShare < disturbingShare) break;
  }
  return quietest as Figures;
}

async function measureOnce(
  name: string,
  server: MeasuredServer,
  load: JobLoad,
  seconds: number,
): Promise<Figures> {
  const { port } = server;
  const before = server.cpuUsOfEach();
  const result = await runLoad({ ...load, port, seconds });
  const used = server.cpuUsOfEach().map((after, index) => after - (before[index] ?? 0));
  const cpuUs = used.reduce((sum, each) => sum + each, 0);
  if (result.failures > 0) process.stderr.write(`${name}: ${result.failures} failed\n`);
  if (result.requests === 0) throw new Error(`${name}: nothing was answered`);
  return {
    cpuUs: cpuUs / result.requests,
    perSecond: result.requests / result.seconds,
    ...result.latenciesUs,
    bytes: result.bytes / result.requests,
    loadCpuUs: (result.cpuSeconds * 1e6) / result.requests,
    loadShare: result.cpuSeconds / result.seconds,
    otherShare: Math.max(0, result.busySeconds - result.cpuSeconds - cpuUs / 1e6) / result.seconds,
    shares: used.map((each) => each / cpuUs),
  };
}

function middleOf(rounds: readonly Figures[]): Figures {
  const of = (figure: Exclude<keyof Figures, 'shares'>) => medianOf(rounds, (each) => each[figure]);
  return {
    cpuUs: of('cpuUs'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    bytes: of('bytes'),
    loadCpuUs: of('loadCpuUs'),
    loadShare: of('loadShare'),
    otherShare: of('otherShare'),
    shares: (rounds[0]?.shares ?? []).map((_, index) =>
      medianOf(rounds, (each) => each.shares[index] ?? 0),
    ),
  };
}
