// The three name servers of the demo network: a ddnsd process each, with a ddns.conf of its own that
// names all three, and one secret. Their events are read from their console sockets. A server that ends, for
// whatever reason, is started again after a while.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Activity, Redirect } from '../../shared/ipc/status-contract.ts';
import {
  type AttachEvent,
  type Attachment,
  connectTo,
  createAttachment,
} from '../../tui/daemon/attach.ts';
import { type Ended, type OwnDaemon, startDaemon } from '../../tui/daemon/own-daemon.ts';
import type { DemoEvent, ServerPlace } from './events.ts';

export const serverIps = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

/** Short enough to watch a dead node expire. */
export const demoTtlMs = 20_000;

/** Few enough for a handful of slow clients to fill; several times what the nodes need. */
export const demoBacklog = 12;

/** How long a server stays away that was ended from outside. */
const awayMs = 5_000;

/** More than a page of hosts ever has here. */
const maxHosts = 1_000;

type WithoutTime<Each> = Each extends unknown ? Omit<Each, 'atMs'> : never;
export type UntimedEvent = WithoutTime<DemoEvent>;

interface Member {
  ip: string;
  address: string;
  conf: string;
  socket: string;
  daemon: OwnDaemon | null;
  attachment: Attachment | null;
  /** how long it will stay away when it ends */
  awayMs: number;
  reviving: NodeJS.Timeout | null;
  /** numbers of the last events reported, of the process that started at `startedAt` */
  reported: { startedAt: number; activity: number; redirect: number };
}

export interface ServersOptions {
  folder: string;
  port: number;
  report(event: UntimedEvent): void;
  /** called with the reason, in the server's own words, when a server cannot be started */
  onFailure(text: string): void;
}

/** A name server did not start; `code` is its exit code. */
export class StartError extends Error {
  readonly code: number;

  constructor(address: string, { code, lastWords }: Ended) {
    super(`the name server ${address} did not start:\n${lastWords.trimEnd()}`);
    this.name = 'StartError';
    this.code = code;
  }
}

export class Servers {
  private readonly options: ServersOptions;
  private readonly members: Member[];
  private isClosed = false;

  constructor(options: ServersOptions) {
    this.options = options;
    this.members = serverIps.map((ip) => ({
      ip,
      address: `${ip}:${options.port}`,
      conf: join(options.folder, ip, 'ddns.conf'),
      socket: join(options.folder, ip, 'ddnsd.sock'),
      daemon: null,
      attachment: null,
      awayMs,
      reviving: null,
      reported: { startedAt: 0, activity: 0, redirect: 0 },
    }));
  }

  get port(): number {
    return this.options.port;
  }

  get addresses(): string[] {
    return this.members.map(({ address }) => address);
  }

  get places(): ServerPlace[] {
    return this.members.map(({ address, socket, daemon }) => ({
      address,
      socket,
      pid: daemon?.pid ?? 0,
    }));
  }

  /** Writes their files and starts them. @throws StartError */
  async start(): Promise<void> {
    const { folder } = this.options;
    await writeFile(join(folder, 'secret'), randomBytes(32).toString('base64'), { mode: 0o600 });
    for (const { ip, conf } of this.members) {
      await mkdir(join(folder, ip), { recursive: true, mode: 0o700 });
      await writeFile(conf, this.confOf(ip));
    }
    await Promise.all(this.members.map((member) => this.begin(member)));
  }

  isUp(index: number): boolean {
    return (this.members[index]?.attachment ?? null) !== null;
  }

  /** Kills a server; it comes back after `forMs`. */
  async takeDown(index: number, forMs: number): Promise<void> {
    const member = this.members[index];
    if (member === undefined || !this.isUp(index)) return;
    member.awayMs = forMs;
    await member.daemon?.kill();
  }

  /** Starts the servers that are away; resolves when all are up. */
  async reviveAll(): Promise<void> {
    await Promise.all(
      this.members.map(async (member) => {
        if (member.reviving !== null) await this.revive(member);
      }),
    );
  }

  /** The live hosts' addresses in each registry; null for a server that does not answer. */
  hosts(): Promise<(string[] | null)[]> {
    return Promise.all(
      this.members.map(async ({ attachment }) => {
        const page = await attachment
          ?.client()
          ?.page({ limit: maxHosts })
          .catch(() => null);
        return page?.rows.map(({ address }) => address) ?? null;
      }),
    );
  }

  /** Kills all servers; their data are removed with the folder. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(
      this.members.map(async ({ attachment, daemon, reviving }) => {
        if (reviving !== null) clearTimeout(reviving);
        attachment?.close();
        await daemon?.kill();
      }),
    );
  }

  private confOf(ip: string): string {
    return [
      '# A name server of the demo network.',
      `Interface=${ip}`,
      `Port=${this.options.port}`,
      `NameServers=${this.addresses.join(' ')}`,
      'SecretFile=../secret',
      `TTL=${demoTtlMs / 1_000}s`,
      `Backlog=${demoBacklog}`,
      'Threads=1',
      `MaxHosts=${maxHosts}`,
      'Database=hosts.db',
      'Socket=ddnsd.sock',
      '',
    ].join('\n');
  }

  private async begin(member: Member): Promise<void> {
    const daemon = startDaemon('--conf', member.conf);
    const attachment = createAttachment({
      connect: connectTo(member.socket),
      onEvent: (event) => this.take(member, event),
    });
    member.daemon = daemon;
    const failure = await daemon.ready(() =>
      attachment.start().then(
        () => true,
        () => false,
      ),
    );
    if (failure !== null) {
      if (this.isClosed) return;
      throw new StartError(member.address, failure);
    }
    member.attachment = attachment;
    void daemon.exited.then(() => this.ended(member));
  }

  private ended(member: Member): void {
    member.attachment?.close();
    member.attachment = null;
    if (this.isClosed) return;
    this.options.report({ kind: 'down', server: member.address });
    member.reviving = setTimeout(() => {
      void this.revive(member).catch((error: Error) => this.options.onFailure(error.message));
    }, member.awayMs);
    member.awayMs = awayMs;
  }

  private async revive(member: Member): Promise<void> {
    if (member.reviving !== null) clearTimeout(member.reviving);
    member.reviving = null;
    await this.begin(member);
    const pid = member.daemon?.pid ?? 0;
    if (!this.isClosed) this.options.report({ kind: 'up', server: member.address, pid });
  }

  private take(member: Member, event: AttachEvent): void {
    if (event.type === 'delta') this.reportEvents(member, event.delta);
    if (event.type !== 'attached') return;
    const { startedAt } = event.snapshot.status.server;
    if (startedAt !== member.reported.startedAt)
      member.reported = { startedAt, activity: 0, redirect: 0 };
    this.reportEvents(member, event.snapshot);
  }

  private reportEvents(
    { address: server, reported }: Member,
    { activity, redirects }: { activity: Activity[]; redirects: Redirect[] },
  ): void {
    const { report } = this.options;
    for (const { seq, kind, address } of activity) {
      if (seq <= reported.activity) continue;
      reported.activity = seq;
      if (kind === 'expired' && address !== null) report({ kind, address, by: server });
    }
    const fresh = redirects.filter(({ seq }) => seq > reported.redirect);
    const [first] = fresh;
    if (first === undefined) return;
    reported.redirect = fresh.at(-1)?.seq ?? reported.redirect;
    const to = [...new Set(fresh.map(({ to }) => to))].toSorted();
    report({ kind: 'redirected', address: first.asker, more: fresh.length - 1, from: server, to });
  }
}
