// The process that runs the demo network behind the program that shows it. It ends when that one
// goes, in whatever way, and takes the name servers, the nodes and the folder with it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { exitCodes } from '../../shared/program.ts';
import { seededRandom } from '../../shared/seeded-random.ts';
import { Bursts } from './burst.ts';
import { Crowd } from './crowd.ts';
import { removeDemoFolder } from './folder.ts';
import {
  type Counted,
  countedKinds,
  type FromStage,
  type Summary,
  type ToStage,
} from './happening.ts';
import { type Act, Plan } from './plan.ts';
import { findPort } from './ports.ts';
import { demoBacklog, demoTtlMs, type News, Servers, StartError, serverIps } from './servers.ts';

/** As many as fit on a tall screen. */
const nodeCount = 60;
const nodeIps = Array.from({ length: nodeCount }, (_, index) => `127.0.1.${index + 1}`);
const preferredPorts = { servers: 4524, nodes: 4000 };
/** Ports that somebody else takes at the same moment, one after the other. */
const portAttempts = 5;

/** The last changes are on their way for some milliseconds, a server that was down for seconds. */
const agreeWithinMs = 10_000;
const agreeEveryMs = 100;

/** A timer set for longer fires at once; nothing here is planned for so long. */
const longestWaitMs = 60_000;

export interface StageOptions {
  folder: string;
  seed: number;
}

/** Runs until the program in front has gone, or a signal comes. */
export async function runStage({ folder, seed }: StageOptions): Promise<void> {
  const stage = new Stage(folder, seed);
  const ended = new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
    const fail = (text: string) => {
      send({ type: 'failed', text });
      resolve();
    };
    const die = (error: unknown) => fail(error instanceof Error ? `${error.stack}` : String(error));
    process.once('uncaughtException', die);
    process.once('unhandledRejection', die);
    // What keeps a network from starting is for the operator, not for whoever mends the program.
    void stage.run().catch((error: Error) => fail(error.message));
  });
  await ended;
  await stage.close();
  await removeDemoFolder(folder);
}

function send(message: FromStage): void {
  // Nobody may be there any more; then it is of no interest.
  if (process.connected) process.send?.(message, () => {});
}

class Stage {
  private readonly folder: string;
  private readonly seed: number;
  private readonly bursts = new Bursts();
  /** dead nodes that some name server has deleted: two may do so, and one line is enough */
  private readonly missed = new Set<string>();
  private readonly counted = Object.fromEntries(countedKinds.map((kind) => [kind, 0])) as Counted;
  private servers: Servers | null = null;
  private crowd: Crowd | null = null;
  private plan: Plan | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readyAt = 0;
  private isClosed = false;

  constructor(folder: string, seed: number) {
    this.folder = folder;
    this.seed = seed;
  }

  async run(): Promise<void> {
    const nodesFolder = join(this.folder, 'nodes');
    await mkdir(nodesFolder);
    const servers = await this.startServers();
    // Whoever has the usual port of the name servers may have the usual one of the nodes.
    const isUsual = servers.port === preferredPorts.servers;
    const nodePort = await findPort(nodeIps, isUsual ? preferredPorts.nodes : 0);
    if (this.isClosed) return;
    const addresses = nodeIps.map((ip) => `${ip}:${nodePort}`);
    this.crowd = new Crowd({
      addresses,
      servers: servers.addresses,
      folder: nodesFolder,
      ttlMs: demoTtlMs,
      tell: (news) => this.tell(news),
    });
    this.readyAt = performance.now();
    this.plan = new Plan({
      nodes: nodeCount,
      servers: serverIps.length,
      random: seededRandom(this.seed),
      now: this.readyAt,
      ttlMs: demoTtlMs,
    });
    process.on('message', (message: ToStage) => {
      if (message.type === 'finish') void this.finish();
    });
    const [first, last] = [addresses[0] ?? '', addresses.at(-1) ?? ''];
    send({
      type: 'ready',
      network: {
        ...{ folder: this.folder, pid: process.pid, seed: this.seed, servers: servers.places },
        nodes: { count: nodeCount, first, last },
      },
    });
    this.goOn();
  }

  /** The port that was free may be taken a moment later, by another demo that starts: then another. */
  private async startServers(): Promise<Servers> {
    for (let attempt = 1; ; attempt++) {
      const servers = new Servers({
        folder: this.folder,
        port: await findPort(serverIps, attempt === 1 ? preferredPorts.servers : 0),
        tell: (news) => this.tell(news),
        onFailure: (text) => send({ type: 'failed', text }),
      });
      this.servers = servers;
      try {
        await servers.start();
        return servers;
      } catch (error) {
        await servers.close();
        const isHopeless = !(error instanceof StartError) || error.code === exitCodes.configuration;
        if (isHopeless || attempt === portAttempts || this.isClosed) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.bursts.close();
    await Promise.all([this.crowd?.close(), this.servers?.close()]);
  }

  private goOn(): void {
    const { plan } = this;
    if (plan === null || this.isClosed) return;
    for (const act of plan.take(performance.now())) this.perform(act);
    const waitMs = Math.min(longestWaitMs, plan.nextAt - performance.now());
    this.timer = setTimeout(() => this.goOn(), Math.max(1, waitMs));
  }

  private perform(act: Act): void {
    const { crowd, servers } = this;
    switch (act.kind) {
      case 'join':
        crowd?.join(act.node, act.through);
        break;
      case 'leave':
        crowd?.leave(act.node);
        break;
      case 'crash':
        crowd?.crash(act.node);
        break;
      case 'outage':
        void servers?.takeDown(act.server, act.forMs);
        break;
      case 'burst':
        this.burst(act.server, act.forMs);
    }
  }

  private burst(index: number, forMs: number): void {
    const place = this.servers?.places[index];
    const ip = serverIps[index];
    if (place === undefined || ip === undefined || !this.servers?.isUp(index)) return;
    const port = Number(place.address.slice(ip.length + 1));
    this.bursts.start({ ip, port }, demoBacklog, forMs);
    this.tell({ kind: 'burst', server: place.address, clients: demoBacklog });
  }

  /** Nothing happens any more; waits until the name servers agree, and says what was. */
  private async finish(): Promise<void> {
    clearTimeout(this.timer);
    this.plan = null;
    this.bursts.close();
    await Promise.all([this.crowd?.settled(), this.servers?.reviveAll()]);
    send({ type: 'summary', summary: await this.summarize() });
  }

  private async summarize(): Promise<Summary> {
    const { servers, crowd, counted } = this;
    const until = performance.now() + agreeWithinMs;
    for (;;) {
      const lists = (await servers?.hosts()) ?? [];
      const isAgreed = lists.every((list) => list !== null && `${list}` === `${lists[0]}`);
      if (isAgreed || performance.now() > until)
        return {
          counted,
          running: crowd?.running ?? 0,
          live: lists.map((list, index) => ({
            server: servers?.addresses[index] ?? '',
            hosts: list?.length ?? 0,
          })),
          isAgreed,
        };
      await wait(agreeEveryMs);
    }
  }

  private tell(news: News): void {
    const { kind } = news;
    if (kind === 'joined') this.missed.delete(news.address);
    if (kind === 'expired') {
      if (this.missed.has(news.address)) return;
      this.missed.add(news.address);
    }
    const times = news.kind === 'redirected' ? 1 + news.more : 1;
    if (kind in this.counted) this.counted[kind as keyof Counted] += times;
    const atMs = performance.now() - this.readyAt;
    send({ type: 'happening', happening: { ...news, atMs } });
  }
}
