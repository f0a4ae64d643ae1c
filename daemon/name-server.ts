// One name server: makes its parts, connects them, starts them in the order in which they can fail, and closes them
// in reverse. Decisions are made in core/; everything that touches the system is in the other folders.

import type { ReloadResult } from '../shared/config/changes.ts';
import type { ListenAddress } from '../shared/config/interface-address.ts';
import { addressText } from '../shared/protocol/address-kind.ts';
import { wallNow } from '../shared/wall-clock.ts';
import { assemble, type NameServerOptions, type Parts } from './assembly.ts';
import { ConfEditor } from './console/conf-editor.ts';
import { createConsoleService } from './console/console-service.ts';
import { IpcServer } from './console/ipc-server.ts';
import { type Readiness, readinessOf } from './core/stats/readiness.ts';
import { clocks } from './machine/clocks.ts';
import { threadsText } from './machine/cores.ts';
import { divideDescriptors } from './machine/descriptors.ts';
import { HostStore, loadRegistry } from './store/host-store.ts';

export type { NameServerOptions } from './assembly.ts';

/** Between two samples for consoles, and two retries of a failed commit, in ms. */
const tickMs = 1_000;

/** A running name server. */
export interface NameServer {
  /** listened on */
  readonly address: ListenAddress;
  /** What it does now, in one line for `systemctl status`. */
  describe(): string;
  /** of Metrics; null: none, or it cannot be listened on */
  readonly metricsAddress: ListenAddress | null;
  /** Reloads ddns.conf. @throws what `reload` of the options throws */
  reload(): Promise<ReloadResult>;
  /** Answers the requests in flight, then stops; resolves with their number. Later calls share the first one's result. */
  close(): Promise<{ inFlight: number }>;
}

/**
 * Starts a name server.
 * @throws SocketError, StoreError, ListenError: each with a message for operators
 */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  const { settings, log } = options;
  // The socket first: the process that holds it is the daemon; a second one fails before it opens the database.
  const budget = divideDescriptors(options);
  const ipc = new IpcServer(settings.socket, budget.consoles);
  await ipc.start();
  let store: HostStore | undefined;
  try {
    store = new HostStore(settings.database);
    const registry = loadRegistry(store, settings.maxHosts, wallNow(), log);
    const server = new RunningServer(assemble({ ...options, budget, ipc, store, registry }));
    await server.start();
    return server;
  } catch (error) {
    store?.close();
    await ipc.close();
    throw error;
  }
}

class RunningServer implements NameServer {
  address: ListenAddress;
  private readonly parts: Parts;
  private ticker: NodeJS.Timeout | null = null;
  private closing: Promise<{ inFlight: number }> | null = null;
  private isServing = false;

  constructor(parts: Parts) {
    this.parts = parts;
    this.address = { address: parts.options.bindAddress, port: parts.options.settings.port };
  }

  get metricsAddress(): ListenAddress | null {
    return this.parts.monitoring.address;
  }

  async start(): Promise<void> {
    const { options, ipc, store, registry, log, cores, expiryService, peers, frontEnd } =
      this.parts;
    const { settings } = options;
    this.address = await frontEnd.start(this.address);
    this.isServing = true;
    const service = this.consoleService();
    ipc.serve(service);
    const readiness = () => this.readiness();
    const logBytes = () => store.logBytes;
    const sources = { status: () => service.status(), readiness, wall: wallNow, logBytes };
    await this.parts.monitoring.start(sources, settings.metrics);
    this.ticker = setInterval(() => this.tick(), tickMs);
    expiryService.start(peers);
    peers.start(this.address);
    log.info(
      {
        id: store.identity.serverId,
        listen: addressText(this.address),
        hosts: registry.live.length,
        backlog: settings.backlog,
        threads: threadsText(settings.threads, frontEnd.running, cores),
        socket: settings.socket,
      },
      'name server is ready',
    );
  }

  describe(): string {
    const { registry, peers, occupancy } = this.parts;
    const all = peers.view();
    const alive = all.filter(({ state }) => state === 'alive').length;
    return [
      `serving ${addressText(this.address)}`,
      `${registry.live.length} hosts`,
      ...(all.length === 0 ? [] : [`${alive} of ${all.length} peers alive`]),
      `backlog ${occupancy.backlog} of ${occupancy.backlogLimit}`,
    ].join(', ');
  }

  reload(): Promise<ReloadResult> {
    return this.parts.live.reload();
  }

  close(): Promise<{ inFlight: number }> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<{ inFlight: number }> {
    const { expiryService, requestHandler, peers, frontEnd, groupCommit, committer, ipc, store } =
      this.parts;
    this.isServing = false;
    expiryService.close();
    await requestHandler.handOver();
    peers.close();
    const inFlight = await frontEnd.close();
    if (this.ticker !== null) clearInterval(this.ticker);
    await this.parts.monitoring.close();
    groupCommit.end();
    committer.look(true);
    await ipc.close();
    store.close();
    return { inFlight };
  }

  private tick(): void {
    const { registry, counters, history, occupancy, committer, groupCommit, ipc, news } =
      this.parts;
    const now = clocks();
    history.sample(now.wall, registry.live.length, occupancy.takePeak(), counters);
    this.parts.peers.watchClock(now);
    registry.views.tick();
    this.parts.zone.look();
    committer.look();
    this.parts.live.look();
    this.parts.frontEnd.look();
    void news.lookAtSocket(ipc);
    // Retries a failed commit when no request comes in.
    if (registry.hasPending) groupCommit.end();
    this.parts.summary.tick(now.mono);
    this.parts.monitoring.look();
  }

  private readiness(): Readiness {
    const { redirector, peers, committer } = this.parts;
    return readinessOf({
      isServing: this.isServing,
      isDraining: redirector.status.mode !== 'load',
      isCatchingUp: peers.awaitsHosts(),
      storageTrouble: committer.trouble?.reason ?? null,
    });
  }

  private consoleService() {
    const { options, store, cores, live, log } = this.parts;
    return createConsoleService({
      ...this.parts,
      serverId: store.identity.serverId,
      recentLog: options.recentLog,
      startedAt: wallNow(),
      threads: options.settings.threads,
      cores: cores.text,
      listen: this.address,
      editing: new ConfEditor({ live, log }),
    });
  }
}
