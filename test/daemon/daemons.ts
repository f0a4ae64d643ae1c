// A fleet of name servers as operators run it: one ddnsd process each, on its own address of
// loopback and one port, each naming all others.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import type { PeerStatus, Status } from '../../shared/ipc/status-contract.ts';
import { freePort } from '../fixture/free-port.ts';
import { lookUntil, within } from '../fixture/look-until.ts';
import { programCommand } from '../fixture/programs.ts';
import { exchange } from '../fixture/tcp-client.ts';
import { threadsLine } from '../fixture/threads.ts';
import { makeFolder, type Running, startCommand } from './program.ts';

/** An address for the hosts of tests alone. */
const hostsBegin = '127.0.9.';

export class Daemons {
  readonly t: ExecutionContext;
  readonly ips: readonly string[];
  readonly port: number;
  readonly folders: string[] = [];
  /** what the command of a server begins with */
  on: (index: number) => readonly string[] = () => [];
  private readonly running: (Running | null)[] = [];

  /** Writes a ddns.conf for each; `lines` are added to all of them. */
  static async prepare(
    t: ExecutionContext,
    ips: readonly string[],
    lines: readonly string[] = [],
  ): Promise<Daemons> {
    const daemons = new Daemons(t, ips, await freePort());
    for (const index of ips.keys()) {
      daemons.folders[index] = await makeFolder(t);
      await daemons.configure(index, lines);
    }
    return daemons;
  }

  private constructor(t: ExecutionContext, ips: readonly string[], port: number) {
    this.t = t;
    this.ips = ips;
    this.port = port;
  }

  async configure(index: number, lines: readonly string[]): Promise<void> {
    const { ips, port } = this;
    const nameOf = (line: string) => line.split('=')[0];
    const isGiven = (...names: string[]) =>
      lines.some((line) => names.includes(nameOf(line) ?? ''));
    const usual = [
      `Interface=${ips[index]}`,
      `Port=${port}`,
      'Database=hosts.db',
      'Socket=s.sock',
      'MaxHosts=20000',
      'HostsPerSource=20000',
      threadsLine,
      // The list includes the server itself, which is no error.
      ...(isGiven('Fleet') ? [] : [`NameServers=${ips.map((ip) => `${ip}:${port}`).join(' ')}`]),
    ];
    const conf = [...usual.filter((line) => !isGiven(nameOf(line) ?? '')), ...lines];
    const file = join(this.folders[index] as string, 'ddns.conf');
    await writeFile(file, `${conf.join('\n')}\n`);
  }

  async start(index: number): Promise<Running> {
    const conf = join(this.folders[index] as string, 'ddns.conf');
    const command = [...this.on(index), ...programCommand('ddnsd', '--conf', conf)];
    const running = startCommand(this.t, command);
    this.running[index] = running;
    await running.line(/name server is ready/);
    return running;
  }

  async kill(index: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child, ended } = this.running[index] as Running;
    child.kill(signal);
    await ended;
  }

  signal(index: number, signal: NodeJS.Signals): void {
    (this.running[index] as Running).child.kill(signal);
  }

  /** The first matching line of a server's log. */
  line(index: number, pattern: RegExp): Promise<string> {
    return (this.running[index] as Running).line(pattern);
  }

  /** Writes a file beside ddns.conf. */
  async write(index: number, name: string, text: string): Promise<void> {
    await writeFile(join(this.folders[index] as string, name), text);
  }

  async attach(index: number): Promise<IpcClient> {
    const socket = join(this.folders[index] as string, 's.sock');
    const client = await connectIpc(socket, { name: 'test', version: '0' });
    this.t.teardown(() => client.close());
    return client;
  }

  /** The first status of a subscription that fulfils the condition. */
  async statusUntil(index: number, isSo: (status: Status) => boolean): Promise<Status> {
    const client = await this.attach(index);
    let current: Status | null = null;
    const status = await within(
      new Promise<Status>((resolve, reject) => {
        const take = (status: Partial<Status>) => {
          current = { ...current, ...status } as Status;
          if (isSo(current)) resolve(current);
        };
        client.subscribe(({ status }) => take(status)).then(({ status }) => take(status), reject);
        client.closed.then(() => reject(new Error(`server ${index} ended`)));
      }),
      () => current,
    );
    client.close();
    return status;
  }

  peersUntil(index: number, isSo: (peers: PeerStatus[]) => boolean): Promise<Status> {
    return this.statusUntil(index, ({ peers }) => isSo(peers));
  }

  /** The live hosts that a server lists. */
  async hosts(index: number): Promise<Set<string>> {
    const list = await exchange(this.port, 'query watcher 65535\n', {
      from: '127.0.8.1',
      host: this.ips[index] as string,
    });
    return new Set(list.split(/\s+/).filter((word) => word.startsWith(hostsBegin)));
  }

  hostsUntil(index: number, count: number): Promise<Set<string>> {
    return lookUntil(
      () => this.hosts(index),
      ({ size }) => size === count,
    );
  }
}

export function areAlive(count: number) {
  return (peers: PeerStatus[]) => peers.filter(({ state }) => state === 'alive').length === count;
}
