// One name server: puts the parts together, starts them in the order in which they can fail, and
// ends them in the opposite one. What it decides is in core/, what it touches is in net/, store/
// and ipc/; here is who talks to whom.
import { compareSettings } from '../shared/config/changes.ts';
import type { Configuration } from '../shared/config/load.ts';
import type { Settings } from '../shared/config/settings.ts';
import { ipcErrors, type ReloadResult } from '../shared/ipc/contract.ts';
import { printable } from '../shared/printable.ts';
import { formatIp } from '../shared/protocol/address.ts';
import type { Refusal, Reply, Request } from '../shared/protocol/message.ts';
import { createConsoleService } from './console-service.ts';
import { Admission } from './core/admission.ts';
import { createCounters } from './core/counters.ts';
import { History } from './core/history.ts';
import { type Registry, tombstoneLifetimeMs } from './core/registry.ts';
import { type Effect, type Origin, Responder } from './core/responder.ts';
import { IpcServer } from './ipc/ipc-server.ts';
import { ServiceError } from './ipc/service.ts';
import type { Logger } from './log.ts';
import { Doorway } from './net/doorway.ts';
import { type ListenAddress, Listener } from './net/listener.ts';
import { maxConnections } from './net/open-files.ts';
import { loadRegistry } from './registry-loading.ts';
import { Committer } from './store/committer.ts';
import { HostStore } from './store/host-store.ts';
import { Summary } from './summary.ts';
import { Turn } from './turn.ts';

/** Between two samples, retries of a failed commit and looks at what is overdue in the registry. */
const tickMs = 1_000;

/** Clients turned away wait this long, spread so that they do not come back together. */
const busySeconds = { least: 1, spread: 5 };

export interface NameServerOptions {
  settings: Settings;
  /** the address of `settings.interface` */
  bindAddress: string;
  confFile: string;
  log: Logger;
  /** reads ddns.conf again; what it throws is told to whoever asked for the reload */
  reload: () => Promise<Configuration> | Configuration;
}

export interface NameServer {
  readonly address: ListenAddress;
  /** Reads ddns.conf again. @throws what `reload` of the options throws */
  reload(): Promise<ReloadResult>;
  /** Stops: what is in flight is answered first. Does nothing the second time. */
  close(): Promise<{ inFlight: number }>;
}

/**
 * Starts a name server.
 * @throws SocketError, StoreError, ListenError: each with an operator's message
 */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  const { settings, log } = options;
  const ipc = new IpcServer(settings.socket);
  await ipc.start();
  let store: HostStore | undefined;
  try {
    store = new HostStore(settings.database);
    return await serve(options, ipc, store, loadRegistry(store, settings.maxHosts, log));
  } catch (error) {
    store?.close();
    await ipc.close();
    throw error;
  }
}

async function serve(
  { settings, bindAddress, confFile, log, reload: readConfiguration }: NameServerOptions,
  ipc: IpcServer,
  store: HostStore,
  registry: Registry,
): Promise<NameServer> {
  const { serverId, incarnation } = store.identity;
  const counters = createCounters();
  const history = new History();
  const admission = new Admission({ backlog: settings.backlog, limit: maxConnections() });
  const committer = new Committer({
    store,
    registry,
    counters,
    now: Date.now,
    changed: (trouble) => {
      const text = trouble === null ? 'registry is written again' : trouble.reason;
      if (trouble === null) log.info(text);
      else log.error({ reason: trouble.reason }, 'registry cannot be written');
      history.add(Date.now(), 'storage', null, printable(text, 300));
    },
  });
  const turn = new Turn(() => committer.commit());
  const responder = new Responder({
    registry,
    counters,
    serverId,
    incarnation,
    random: Math.random,
  });

  const answer = (request: Request, origin: Origin): Reply => {
    const now = Date.now();
    const { reply, effect } = responder.answer(request, origin, now);
    if (effect !== 'none' && effect !== 'refreshed') record(request, origin, effect, now);
    return reply;
  };
  const record = (request: Request, origin: Origin, effect: Effect, now: number) => {
    if (request.verb === 'ping' || effect === 'none' || effect === 'refreshed') return;
    const ip = formatIp(origin.ip, 0);
    const address = `${ip.includes(':') ? `[${ip}]` : ip}:${request.port}`;
    history.add(now, effect, address, `${origin.dialect}, node ${request.nodeId}`);
    log.debug({ address, nodeId: request.nodeId, dialect: origin.dialect }, `host ${effect}`);
  };
  const refused = (source: string, refusal: Refusal) => {
    const text = printable(`${refusal.code}: ${refusal.text}`);
    history.add(Date.now(), 'refused', source, text);
    log.debug({ source, code: refusal.code }, text);
  };
  const doorway = new Doorway({
    admission,
    counters,
    turn,
    now: () => performance.now(),
    busySeconds: () => busySeconds.least + Math.floor(Math.random() * busySeconds.spread),
    answer,
    refused,
  });
  const listener = new Listener(doorway);
  const listen = await listener.start({ address: bindAddress, port: settings.port });

  let inForce = settings;
  const live = {
    ttlMs: settings.ttlMs,
    listen,
    config: { file: confFile, readAt: Date.now(), restartNeeded: [] as string[] },
  };
  const reload = async (): Promise<ReloadResult> => {
    const {
      changed,
      waiting,
      inForce: next,
    } = compareSettings(inForce, (await readConfiguration()).settings);
    inForce = next;
    admission.backlogLimit = next.backlog;
    live.ttlMs = next.ttlMs;
    log.level = next.logLevel;
    live.config = {
      file: confFile,
      readAt: Date.now(),
      restartNeeded: waiting.map((change) => change.name),
    };
    history.add(
      Date.now(),
      'reloaded',
      null,
      `${changed.length} settings changed, ${waiting.length} wait for a restart`,
    );
    return { changed, waiting };
  };
  ipc.serve(
    createConsoleService({
      serverId,
      registry,
      admission,
      history,
      committer,
      turn,
      counters,
      log,
      storeFile: store.file,
      startedAt: Date.now(),
      threads: { configured: settings.threads, running: 1 },
      live,
      reload: () =>
        reload().catch((error: unknown) => {
          throw new ServiceError(
            ipcErrors.badConfiguration,
            String((error as Error).message),
            error,
          );
        }),
    }),
  );

  const summary = new Summary(counters, log);
  const ticker = setInterval(() => {
    const now = Date.now();
    history.sample(now, registry.live.length, admission.takePeak(), counters);
    registry.collectTombstones(now - tombstoneLifetimeMs);
    // Also what a failed commit left behind, when nothing else comes in.
    if (registry.hasPending) turn.end();
    summary.tick(now);
  }, tickMs);

  let closing: Promise<{ inFlight: number }> | null = null;
  const close = async () => {
    const inFlight = await listener.close();
    clearInterval(ticker);
    turn.end();
    await ipc.close();
    store.close();
    return { inFlight };
  };
  log.info(
    {
      id: serverId,
      listen: `${bindAddress.includes(':') ? `[${bindAddress}]` : bindAddress}:${listen.port}`,
      hosts: registry.live.length,
      backlog: settings.backlog,
      socket: settings.socket,
    },
    'name server is ready',
  );
  return {
    address: listen,
    reload,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
