// The fault of each alert, with real name servers: what breaks in production, not figures that are made up. A fault
// returns when it has begun; its alert has to fire while it lasts.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectIpc } from '../../../shared/ipc/client.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { scrape } from '../../fixture/metrics-page.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { type Cleanup, type Running, startDdnsd } from '../program.ts';
import type { Prometheus } from './prometheus.ts';

/** Where a fault happens. */
export interface Scene {
  t: Cleanup;
  prometheus: Prometheus;
  /** a new folder */
  folder: () => string;
  /** a new disk of some hundred KiB; null: none can be mounted here */
  smallDisk: () => string | null;
  /** false once the alert fired: what repeats a fault ends */
  lasts: () => boolean;
}

/** A name server, each with its ports. */
export class Server {
  readonly port: number;
  readonly metrics: number;
  private readonly t: Cleanup;
  private readonly folder: string;
  private running: Running | null = null;

  constructor(t: Cleanup, folder: string, ports: { port: number; metrics: number }) {
    this.t = t;
    this.folder = folder;
    this.port = ports.port;
    this.metrics = ports.metrics;
  }

  get pid(): number {
    return this.running?.child.pid as number;
  }

  async start(lines: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    const conf = join(this.folder, 'ddns.conf');
    const common = ['Interface=127.0.0.1', 'Database=hosts.db', 'Socket=s.sock', 'Threads=1'];
    const own = [`Port=${this.port}`, `Metrics=${this.metrics}`];
    writeFileSync(conf, `${[...common, ...own, ...lines].join('\n')}\n`);
    this.running = await startDdnsd(this.t, ['--conf', conf], env);
    await this.running.line(/name server is ready/);
  }

  async kill(): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.ended;
  }

  async console() {
    const client = await connectIpc(join(this.folder, 's.sock'), { name: 'test', version: '0' });
    this.t.teardown(() => client.close());
    return client;
  }

  async until(isSo: (status: Status) => boolean): Promise<Status> {
    const console = await this.console();
    return lookUntil(() => console.status(), isSo);
  }

  /** Hosts at ports where nobody answers. */
  register(count: number, from = 1): Promise<string> {
    const lines = Array.from(
      { length: count },
      (_, index) => `alive n${from + index} ${from + index}\n`,
    );
    return exchange(this.port, lines.join(''));
  }
}

async function serverIn({ t }: Scene, folder: string): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  return new Server(t, folder, { port: await freePort(), metrics: await freePort() });
}

/** One that runs and is scraped. */
async function started(scene: Scene, lines: readonly string[] = []): Promise<Server> {
  const server = await serverIn(scene, scene.folder());
  await server.start(lines);
  await scene.prometheus.scrape([server.metrics]);
  return server;
}

/** Two that replicate; the second one in `folder`, with `env`. */
export async function pair(
  scene: Scene,
  {
    folder = scene.folder(),
    env = {},
    lines = [],
  }: { folder?: string; env?: NodeJS.ProcessEnv; lines?: readonly string[] } = {},
): Promise<[Server, Server]> {
  const first = await serverIn(scene, scene.folder());
  const second = await serverIn(scene, folder);
  await first.start([...lines, `NameServers=127.0.0.1:${second.port}`]);
  await second.start([...lines, `NameServers=127.0.0.1:${first.port}`], env);
  await first.until(({ peers }) => peers.every(({ state }) => state === 'alive'));
  await scene.prometheus.scrape([first.metrics, second.metrics]);
  return [first, second];
}

/** Repeats until the alert fired. */
export function repeat(scene: Scene, act: () => Promise<unknown>): void {
  void (async () => {
    while (scene.lasts()) await act().catch(() => {});
  })();
}

/** Between two signs of life, ms: twice as often as silence would show at the shortest TTL here. */
const speakMs = 50;

/** So that self-preservation is not the reason for anything. */
function keepSpeaking({ t }: Scene, { port }: Server): void {
  const speaking = setInterval(() => void exchange(port, 'ping\n').catch(() => {}), speakMs);
  t.teardown(() => clearInterval(speaking));
}

/** Takes what is left of a disk. */
function fill(disk: string): void {
  for (let size = 1_048_576; size >= 4_096; )
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
    } catch {
      size /= 2;
    }
}

/**
 * Begins the fault. @returns the metrics port of the name server that the alert is about, null for none in particular;
 * or, as a text, why the fault cannot be caused here
 */
export type Fault = (scene: Scene) => Promise<number | null | string>;

const noDisk = 'no disk can be mounted here';

export const alertFaults: Readonly<Record<string, Fault>> = {
  /** killed, as by a lack of memory */
  async DdnsDown(scene) {
    const server = await started(scene);
    await server.kill();
    return server.metrics;
  },

  async DdnsNotScraped({ prometheus }) {
    prometheus.forget();
    return null;
  },

  /** a full disk */
  async DdnsStorageFailing(scene) {
    const disk = scene.smallDisk();
    if (disk === null) return noDisk;
    const server = await serverIn(scene, disk);
    await server.start([]);
    await scene.prometheus.scrape([server.metrics]);
    fill(disk);
    repeat(scene, () => server.register(500, 1 + Math.floor(Math.random() * 60_000)));
    return server.metrics;
  },

  /** a drain that was forgotten */
  async DdnsNotReady(scene) {
    const [server] = await pair(scene);
    await (await server.console()).drain();
    return server.metrics;
  },

  async DdnsRestarts(scene) {
    const server = await started(scene);
    for (let i = 0; i < 3; i++) {
      await server.kill();
      await server.start([]);
      await scene.prometheus.scrape([server.metrics]);
      const { startedAt } = (await server.until(() => true)).server;
      await lookUntil(
        () => scene.prometheus.query('process_start_time_seconds'),
        (samples) => samples.some(({ value }) => Math.abs(value * 1_000 - startedAt) < 1),
      );
    }
    return server.metrics;
  },

  /** nobody speaks to it any more */
  async DdnsDeletionsHeldBack(scene) {
    const server = await started(scene, ['TTL=3s']);
    await server.register(3);
    return server.metrics;
  },

  /** a lone server loses its way to hosts, and is spoken to all the same */
  async DdnsMassDeletion(scene) {
    const server = await started(scene, ['TTL=10s']);
    await server.register(40);
    keepSpeaking(scene, server);
    return server.metrics;
  },

  /** pings leave from loopback, and no way leads from there to the host */
  async DdnsFamilyUnreachable(scene) {
    const server = await started(scene, ['TTL=3s']);
    const lastSeen = Date.now();
    await (await server.console()).importHosts({
      hosts: [
        {
          address: '192.0.2.1:4000',
          nodeId: 'far',
          dialect: 'native',
          firstSeen: lastSeen,
          lastSeen,
        },
      ],
      more: false,
    });
    keepSpeaking(scene, server);
    return server.metrics;
  },

  async DdnsHostsStale(scene) {
    const server = await started(scene, ['TTL=3s']);
    await server.register(3);
    return server.metrics;
  },

  /** a firewall between the server and its nodes */
  async DdnsHostsUnreachable(scene) {
    const server = await started(scene);
    await server.register(30);
    return server.metrics;
  },

  async DdnsPeerFailing(scene) {
    const [server, peer] = await pair(scene);
    await peer.kill();
    return server.metrics;
  },

  /** the peer's disk is full: it hears the changes, and cannot confirm them */
  async DdnsReplicationLags(scene) {
    const disk = scene.smallDisk();
    if (disk === null) return noDisk;
    const [server, peer] = await pair(scene, { folder: disk });
    fill(disk);
    let next = 1;
    repeat(scene, async () => {
      await server.register(200, next);
      next = (next + 200) % 60_000;
    });
    await peer.until(({ storage }) => storage.state === 'degraded');
    return server.metrics;
  },

  async DdnsClockWrong(scene) {
    const clock = 'const now = Date.now; Date.now = () => now() + 20_000;';
    const preload = `--import=data:text/javascript,${encodeURIComponent(clock)}`;
    const [server] = await pair(scene, { env: { NODE_OPTIONS: preload } });
    return server.metrics;
  },

  /** more ask at once than the backlog holds */
  async DdnsBacklogFull(scene) {
    const server = await started(scene, ['Backlog=1']);
    repeat(scene, () =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) => exchange(server.port, `query n ${1 + index}\n`)),
      ),
    );
    return server.metrics;
  },

  async DdnsRegistryFull(scene) {
    const server = await started(scene, ['MaxHosts=40']);
    repeat(scene, () => server.register(100));
    return server.metrics;
  },

  async DdnsFlood(scene) {
    const server = await started(scene, ['Service=2']);
    const socket = createSocket('udp4');
    scene.t.teardown(() => {
      socket.close();
    });
    const console = await server.console();
    const counted = async () => (await console.status()).counters.datagramsIgnored;
    let before = await counted();
    repeat(scene, async () => {
      for (let i = 0; i < 20; i++) socket.send('\xffnonsense', server.port, '127.0.0.1');
      before = await lookUntil(counted, (now) => now > before);
    });
    return server.metrics;
  },

  /** a machine that is suspended again and again */
  async DdnsEventLoopBlocked(scene) {
    const server = await started(scene);
    const { prometheus } = scene;
    const missed = `up{instance="127.0.0.1:${server.metrics}"} == 0`;
    const noted = async () =>
      (await scrape(server.metrics)).get('ddns_event_loop_delay_seconds_count') ?? 0;
    repeat(scene, async () => {
      const before = await noted();
      process.kill(server.pid, 'SIGSTOP');
      // Prometheus waits for half a second.
      await lookUntil(
        () => prometheus.query(missed),
        ({ length }) => length > 0,
      ).finally(() => process.kill(server.pid, 'SIGCONT'));
      await lookUntil(noted, (now) => now > before);
    });
    return server.metrics;
  },

  /** a disk whose fsync takes 400 ms */
  async DdnsCommitsSlow(scene) {
    const server = await started(scene);
    const calls = 'fdatasync,fsync';
    const slow = ['-e', `trace=${calls}`, '-e', `inject=${calls}:delay_enter=400000`];
    const tracer = spawn('strace', ['-f', ...slow, '-o', '/dev/null', '-p', `${server.pid}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines = createInterface({ input: tracer.stderr });
    const [said] = await Promise.race([
      once(tracer, 'error'),
      once(lines, 'close').then(() => ['']),
      once(lines, 'line'),
    ]);
    if (!/ attached/.test(String(said))) return 'strace cannot slow the disk down here';
    scene.t.teardown(() => {
      tracer.kill();
    });
    let next = 1;
    repeat(scene, () => server.register(1, next++));
    return server.metrics;
  },
};
