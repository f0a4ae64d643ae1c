// Two ddnsd processes that know each other through a proxy that counts, with a console on each. They
// can be stopped and started again over the same databases.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { freePort } from '../fixture/free-port.ts';
import { CountingProxy, type Passed } from './counting-proxy.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';

export const maxHosts = 1_000_000;

/** How often the servers are asked whether it is so yet: what is timed is at most this much longer. */
const pollMs = 10;

/** Nothing that is waited for takes so long. */
const patienceMs = 60_000;

/** Where each listens, and the address of the proxy that stands for it. */
const places = [
  { ip: '127.0.0.2', known: '127.0.0.4' },
  { ip: '127.0.0.3', known: '127.0.0.5' },
] as const;

export type Both = readonly [first: Status, second: Status];

export class SyncPair {
  readonly port: number;
  readonly proxy: CountingProxy;
  readonly databases: readonly string[];
  private readonly folders: readonly string[];
  private servers: MeasuredServer[] = [];
  private consoles: IpcClient[] = [];

  /** Two empty servers, not started, their files in `folder`. */
  static async prepare(folder: string, secret: string | null): Promise<SyncPair> {
    return new SyncPair(folder, secret, await freePort());
  }

  private constructor(folder: string, secret: string | null, port: number) {
    const [a, b] = places;
    this.port = port;
    this.folders = ['a', 'b'].map((name) => join(folder, name));
    this.databases = this.folders.map((each) => join(each, 'hosts.db'));
    this.proxy = new CountingProxy(port, [
      { at: a.known, to: a.ip, from: b.known },
      { at: b.known, to: b.ip, from: a.known },
    ]);
    for (const [index, each] of this.folders.entries()) {
      const [own, other] = index === 0 ? [a, b] : [b, a];
      mkdirSync(each, { recursive: true });
      const lines = [
        `Interface=${own.ip}`,
        `Port=${port}`,
        `Advertise=${own.known}:${port}`,
        `NameServers=${other.known}:${port}`,
        `MaxHosts=${maxHosts}`,
        // Every load comes from one address.
        ...['HostsPerSource', 'NewHostsPerSource', 'NewHostsPerNetwork'].map(
          (name) => `${name}=${maxHosts}`,
        ),
        'Database=hosts.db',
        'Socket=s.sock',
        'LogLevel=info',
        ...(secret === null ? [] : [`Secret=${secret}`]),
      ];
      writeFileSync(join(each, 'ddns.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
    }
  }

  hostOf(index: number): string {
    return places[index]?.ip as string;
  }

  async start(): Promise<void> {
    await this.proxy.open();
    const ddnsd = new URL('../../dist/ddnsd.js', import.meta.url).pathname;
    for (const [index, folder] of this.folders.entries()) {
      const command = [process.execPath, ddnsd, '--conf', join(folder, 'ddns.conf')];
      const at = { host: this.hostOf(index), port: this.port };
      this.servers.push(await startMeasured({ command, ...at, folder, isSpread: true }));
      this.consoles.push(await connectIpc(join(folder, 's.sock'), { name: 'bench', version: '0' }));
    }
  }

  async stop(): Promise<void> {
    const [consoles, servers] = [this.consoles, this.servers];
    this.consoles = [];
    this.servers = [];
    for (const each of consoles) each.close();
    await Promise.all(servers.map((each) => each.stop()));
    this.proxy.close();
  }

  /** What has passed so far; take it apart with `since`. */
  passed(): Passed & { at: number } {
    return { ...this.proxy.passed, at: performance.now() };
  }

  since(before: Passed & { at: number }): Passed & { seconds: number } {
    const { bytes, batches, digests, connections } = this.proxy.passed;
    return {
      bytes: bytes - before.bytes,
      batches: batches - before.batches,
      digests: digests - before.digests,
      connections: connections - before.connections,
      seconds: (performance.now() - before.at) / 1_000,
    };
  }

  async until(what: string, isSo: (both: Both) => boolean): Promise<Both> {
    const since = performance.now();
    for (;;) {
      const both = (await Promise.all(this.consoles.map((each) => each.status()))) as never as Both;
      if (isSo(both)) return both;
      if (performance.now() - since > patienceMs)
        throw new Error(`${what}: not so after ${patienceMs / 1_000} s`);
      await sleep(pollMs);
    }
  }

  async meet(): Promise<void> {
    await this.until('both in touch', areInTouch);
  }
}

export function areInTouch(both: Both): boolean {
  return both.every(({ peers }) => peers.every(({ state, lag }) => state === 'alive' && lag === 0));
}

export function haveLive(count: number): (both: Both) => boolean {
  return (both) => both.every(({ hosts }) => hosts.live === count);
}
