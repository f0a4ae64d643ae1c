// The process that runs the demo network, behind the program that shows it. It ends when that program ends, in
// whatever way, and takes the name servers, the nodes and the folder with it.
import { mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { exitCodes } from '../../shared/program.ts';
import { createRandom } from '../fixture/random.ts';
import {
  type Counted,
  countedKinds,
  type FromNetwork,
  type Summary,
  type ToNetwork,
} from './events.ts';
import { DemoNodes } from './nodes.ts';
import { findPort, removeDemoFolder } from './places.ts';
import { type Act, Plan } from './plan.ts';
import {
  demoBacklog,
  demoTtlMs,
  Servers,
  StartError,
  serverIps,
  type UntimedEvent,
} from './servers.ts';

/** As many as fit on a tall screen. */
const nodeCount = 60;
const nodeIps = Array.from({ length: nodeCount }, (_, index) => `127.0.1.${index + 1}`);
const preferredPorts = { servers: 4524, nodes: 4000 };
/** Attempts to find a port, each of which another program may take first. */
const portAttempts = 5;

/** How long the name servers may take to agree: changes travel some milliseconds, a server that was down catches up in seconds. */
const agreeWithinMs = 10_000;
const agreeEveryMs = 100;

/** A timer set for longer fires at once; nothing here is planned for so long. */
const longestWaitMs = 60_000;

export interface NetworkOptions {
  folder: string;
  seed: number;
}

/** Runs the demo network until the parent process has gone, or a signal comes. */
export async function runNetwork({ folder, seed }: NetworkOptions): Promise<void> {
  const network = new DemoNetwork(folder, seed);
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
    // Why the network cannot start is for the operator: the message without a stack.
    void network.run().catch((error: Error) => fail(error.message));
  });
  await ended;
  await network.close();
  await removeDemoFolder(folder);
}

function send(message: FromNetwork): void {
  // The parent may be gone.
  if (process.connected) process.send?.(message, () => {});
}

class DemoNetwork {
  private readonly folder: string;
  private readonly seed: number;
  private readonly slowClients = new SlowClients();
  /** addresses of dead nodes that a name server has reported as expired: two servers may report one */
  private readonly missed = new Set<string>();
  private readonly counted = Object.fromEntries(countedKinds.map((kind) => [kind, 0])) as Counted;
  private servers: Servers | null = null;
  private nodes: DemoNodes | null = null;
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
    // A program that has the name servers' usual port is probably another demo, and has the nodes' too.
    const isUsual = servers.port === preferredPorts.servers;
    const nodePort = await findPort(nodeIps, isUsual ? preferredPorts.nodes : 0);
    if (this.isClosed) return;
    const addresses = nodeIps.map((ip) => `${ip}:${nodePort}`);
    this.nodes = new DemoNodes({
      addresses,
      servers: servers.addresses,
      folder: nodesFolder,
      ttlMs: demoTtlMs,
      report: (event) => this.report(event),
    });
    this.readyAt = performance.now();
    this.plan = new Plan({
      nodes: nodeCount,
      servers: serverIps.length,
      random: createRandom(this.seed),
      now: this.readyAt,
      ttlMs: demoTtlMs,
    });
    process.on('message', (message: ToNetwork) => {
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

  /** Tries another port when one that was free is taken a moment later, by another demo that starts. */
  private async startServers(): Promise<Servers> {
    for (let attempt = 1; ; attempt++) {
      const servers = new Servers({
        folder: this.folder,
        port: await findPort(serverIps, attempt === 1 ? preferredPorts.servers : 0),
        report: (event) => this.report(event),
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
    this.slowClients.close();
    await Promise.all([this.nodes?.close(), this.servers?.close()]);
  }

  private goOn(): void {
    const { plan } = this;
    if (plan === null || this.isClosed) return;
    for (const act of plan.take(performance.now())) this.perform(act);
    const waitMs = Math.min(longestWaitMs, plan.nextAt - performance.now());
    this.timer = setTimeout(() => this.goOn(), Math.max(1, waitMs));
  }

  private perform(act: Act): void {
    const { nodes, servers } = this;
    switch (act.kind) {
      case 'join':
        nodes?.join(act.node, act.through);
        break;
      case 'leave':
        nodes?.leave(act.node);
        break;
      case 'crash':
        nodes?.crash(act.node);
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
    this.slowClients.start({ ip, port }, demoBacklog, forMs);
    this.report({ kind: 'burst', server: place.address, clients: demoBacklog });
  }

  /** Stops all events, waits until the name servers agree, and sends the summary. */
  private async finish(): Promise<void> {
    clearTimeout(this.timer);
    this.plan = null;
    this.slowClients.close();
    await Promise.all([this.nodes?.settled(), this.servers?.reviveAll()]);
    send({ type: 'summary', summary: await this.summarize() });
  }

  private async summarize(): Promise<Summary> {
    const { servers, nodes, counted } = this;
    const until = performance.now() + agreeWithinMs;
    for (;;) {
      const lists = (await servers?.hosts()) ?? [];
      const isAgreed = lists.every((list) => list !== null && `${list}` === `${lists[0]}`);
      if (isAgreed || performance.now() > until)
        return {
          counted,
          running: nodes?.running ?? 0,
          live: lists.map((list, index) => ({
            server: servers?.addresses[index] ?? '',
            hosts: list?.length ?? 0,
          })),
          isAgreed,
        };
      await wait(agreeEveryMs);
    }
  }

  private report(event: UntimedEvent): void {
    const { kind } = event;
    if (kind === 'joined') this.missed.delete(event.address);
    if (kind === 'expired') {
      if (this.missed.has(event.address)) return;
      this.missed.add(event.address);
    }
    const times = event.kind === 'redirected' ? 1 + event.more : 1;
    if (kind in this.counted) this.counted[kind as keyof Counted] += times;
    const atMs = performance.now() - this.readyAt;
    send({ type: 'event', event: { ...event, atMs } });
  }
}

/** No node has these addresses. Each client has one of its own, because one source alone cannot fill a backlog. */
const sourceIp = (index: number) => `127.0.2.${index + 1}`;

/**
 * Clients that begin a request and do not end it: each takes a place in a name server's backlog. They are closed
 * after a while; otherwise the name server would close them by its deadline.
 */
class SlowClients {
  private readonly open = new Set<Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();

  /** Connects `clients` of them to `ip:port` for `forMs`. */
  start({ ip, port }: { ip: string; port: number }, clients: number, forMs: number): void {
    const sockets = Array.from({ length: clients }, (_, index) => {
      const socket = connect({ host: ip, port, localAddress: sourceIp(index) });
      this.open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.open.delete(socket));
      socket.once('connect', () => socket.write(`query slow-${index} 40`));
      return socket.resume();
    });
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      for (const socket of sockets) socket.destroy();
    }, forMs);
    this.timers.add(timer);
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    for (const socket of this.open) socket.destroy();
  }
}
