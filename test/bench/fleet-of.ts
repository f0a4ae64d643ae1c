// A fleet of ddnsd processes on loopback, each at an address of its own, in a mesh or over a nats-server. Its processes
// are measured from the system: CPU from /proc, connections and bytes of each from its sockets (ss).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import { freePort } from '../fixture/free-port.ts';
import { TcpClient } from '../fixture/tcp-client.ts';
import { keep, keptFolder } from './kept.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';
import { cpuUsOf } from './process-tree.ts';

export const transports = ['mesh', 'nats'] as const;
export type BenchTransport = (typeof transports)[number];

const maxHosts = 50_000;

/** How often consoles are asked whether the fleet has met, and how long that may take. */
const pollMs = 500;
const patienceMs = 300_000;

/** Where hosts come from: no name server is there. */
const hostsFrom = '127.0.250.1';

/** What has been used so far: of all name servers, and of nats-server alone. */
export interface Used {
  cpuUs: number;
  natsCpuUs: number;
  connections: number;
  /** in and out of name servers, to each other or to NATS */
  bytes: number;
}

export class FleetOf {
  readonly servers: number;
  readonly port: number;
  private readonly processes: MeasuredServer[] = [];
  private readonly consoles: IpcClient[] = [];
  private readonly clients = new Map<number, TcpClient>();
  private natsPid: number | null = null;
  private endNats: () => Promise<void> = async () => {};
  /** of the watcher at each server */
  private readonly cursors: string[] = [];
  private hosts = 0;

  /** Starts that many, and waits until all have met. */
  static async start(servers: number, transport: BenchTransport): Promise<FleetOf> {
    const fleet = new FleetOf(servers, await freePort());
    try {
      await fleet.startAll(transport);
      await fleet.meet();
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  private constructor(servers: number, port: number) {
    this.servers = servers;
    this.port = port;
  }

  private ipOf(index: number): string {
    return `127.0.1.${index + 1}`;
  }

  private async startAll(transport: BenchTransport): Promise<void> {
    const folder = keptFolder();
    const all = Array.from({ length: this.servers }, (_, index) => this.ipOf(index));
    const meeting =
      transport === 'nats'
        ? `Fleet=${await this.startNats()}`
        : `NameServers=${all.map((ip) => `${ip}:${this.port}`).join(' ')}`;
    const ddnsd = new URL('../../dist/ddnsd.js', import.meta.url).pathname;
    const startOne = async (ip: string, index: number) => {
      const own = join(folder, String(index));
      mkdirSync(own);
      const limits = ['HostsPerSource', 'NewHostsPerSource', 'NewHostsPerNetwork', 'MaxHosts'];
      const lines = [
        ...[`Interface=${ip}`, `Port=${this.port}`, meeting, 'Secret=a secret for the bench only'],
        ...limits.map((name) => `${name}=${maxHosts}`),
        ...['Database=hosts.db', 'Socket=s.sock', 'LogLevel=warn', 'Threads=1'],
      ];
      writeFileSync(join(own, 'ddns.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
      const command = [process.execPath, ddnsd, '--conf', join(own, 'ddns.conf')];
      const at = { host: ip, port: this.port, folder: own, isSpread: true };
      this.processes.push(await startMeasured({ command, ...at }));
      this.consoles.push(await connectIpc(join(own, 's.sock'), { name: 'bench', version: '0' }));
    };
    // As many at a time as there are cores.
    const rest = all.entries();
    const start = async () => {
      for (const [index, ip] of rest) await startOne(ip, index);
    };
    await Promise.all(Array.from({ length: availableParallelism() }, start));
  }

  private async startNats(): Promise<string> {
    const port = await freePort();
    const child = spawn('nats-server', ['--addr', '127.0.0.1', '--port', String(port)], {
      stdio: 'ignore',
    });
    keep(child);
    await once(child, 'spawn');
    this.natsPid = child.pid ?? null;
    this.endNats = async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    };
    return `nats://127.0.0.1:${port}`;
  }

  /** Waits until each sees all others, in sync. */
  async meet(): Promise<void> {
    const until = performance.now() + patienceMs;
    for (const console of this.consoles)
      for (;;) {
        const { peers } = await console.status();
        const met = peers.filter(({ state, lag }) => state === 'alive' && lag === 0);
        if (met.length === this.servers - 1) break;
        if (performance.now() > until)
          throw new Error(`${met.length} of ${this.servers - 1} peers after ${patienceMs} ms`);
        await sleep(pollMs);
      }
  }

  used(): Used {
    const pids = this.processes.flatMap((each) => each.processes());
    let [connections, bytes] = [0, 0];
    // Two lines a connection: addresses and who has it, then its figures.
    const lines = execFileSync('ss', ['-tinpH', 'state', 'established'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    }).split('\n');
    for (let at = 0; at + 1 < lines.length; at += 2) {
      const [who = '', figures = ''] = [lines[at], lines[at + 1]];
      const pid = Number(/pid=(\d+)/.exec(who)?.[1]);
      if (!pids.includes(pid) || who.includes(`${hostsFrom}:`)) continue;
      connections++;
      for (const name of ['bytes_sent', 'bytes_received'])
        bytes += Number(new RegExp(`${name}:(\\d+)`).exec(figures)?.[1] ?? 0);
    }
    return {
      cpuUs: this.processes.reduce((sum, each) => sum + each.cpuUs(), 0),
      natsCpuUs: this.natsPid === null ? 0 : cpuUsOf(this.natsPid),
      // In a mesh both ends of each are here.
      connections: this.natsPid === null ? connections / 2 : connections,
      bytes,
    };
  }

  /** A host registers at one server. */
  async register(index: number): Promise<string> {
    const port = 1 + this.hosts++;
    const answer = await this.ask(index, `alive node-${port} ${port}\n`);
    if (answer !== 'ok\n') throw new Error(`alive: ${answer}`);
    return `${hostsFrom}:${port}`;
  }

  /** Watchers for `everywhere`: cursors of now, one at each server. */
  async watch(): Promise<void> {
    for (let index = 0; index < this.servers; index++)
      this.cursors[index] = cursorIn(await this.query(index, ' limit=1'));
  }

  /** How long after its registration at one server a host is served by every server, ms. */
  async everywhere(at: number): Promise<number> {
    const host = await this.register(at);
    const since = performance.now();
    let missing = Array.from(this.cursors.keys());
    while (missing.length > 0) {
      const left: number[] = [];
      for (const index of missing) {
        const list = await this.query(index, ` since=${this.cursors[index]}`);
        this.cursors[index] = cursorIn(list);
        if (!list.includes(host)) left.push(index);
      }
      missing = left;
      if (performance.now() - since > patienceMs)
        throw new Error(`${host} is not at ${missing.length} servers after ${patienceMs} ms`);
    }
    return performance.now() - since;
  }

  /** The whole list, its end included. */
  private async query(index: number, options: string): Promise<string> {
    let list = await this.ask(index, `query watcher-${index} ${60_000 + index}${options}\n`);
    let line = list;
    while (/^(hosts|gone) /.test(line)) {
      line = await (this.clients.get(index) as TcpClient).read(1, list.length);
      list += line;
    }
    return list;
  }

  /** The first line of the answer. */
  private async ask(index: number, request: string): Promise<string> {
    let client = this.clients.get(index);
    // A connection that is not used for a while is closed by the server.
    if (client === undefined || !client.socket.writable) {
      client = await TcpClient.open(this.port, { host: this.ipOf(index), from: hostsFrom });
      this.clients.set(index, client);
    }
    client.received = '';
    return client.ask(request);
  }

  async stop(): Promise<void> {
    for (const each of this.clients.values()) each.socket.destroy();
    for (const each of this.consoles) each.close();
    await Promise.all(this.processes.map((each) => each.stop()));
    await this.endNats();
  }
}

function cursorIn(list: string): string {
  return /end \S+ (\S+)/.exec(list)?.[1] ?? '';
}
