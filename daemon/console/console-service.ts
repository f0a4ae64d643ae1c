// The requests of the IPC contract, answered by the parts of a running name server.
import { hostname } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ListenAddress } from '../../shared/config/interface-address.ts';
import type { Counters } from '../../shared/counters.ts';
import {
  type Host,
  type HostsPage,
  ipcErrors,
  type PageParams,
  type PingResult,
} from '../../shared/ipc/contract.ts';
import type { Status } from '../../shared/ipc/status-contract.ts';
import { printable } from '../../shared/output/printable.ts';
import { addressWords, parseAddress } from '../../shared/protocol/address.ts';
import { maxServerName } from '../../shared/protocol/server-name.ts';
import { version } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { RequestHandler } from '../clients/request-handler.ts';
import type { Occupancy } from '../core/admission/admission.ts';
import type { DrainRefusal } from '../core/admission/redirector.ts';
import { AnchorError, findPage, toHost } from '../core/hosts-page/hosts-page.ts';
import type { Registry } from '../core/registry/registry.ts';
import { noRow } from '../core/registry/row-list.ts';
import type { History } from '../core/stats/history.ts';
import type { RecentLog } from '../core/stats/recent-log.ts';
import type { ExpiryService } from '../expiry/expiry-service.ts';
import type { pingHost } from '../expiry/pinger.ts';
import type { FrontEnd } from '../front-end.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import { residentMemory } from '../machine/resident-memory.ts';
import type { ReplicationService } from '../replication/replication-service.ts';
import type { Committer } from '../store/committer.ts';
import type { HostStore } from '../store/host-store.ts';
import { BacklogService } from './backlog-service.ts';
import { BackupService } from './backup-service.ts';
import { ComparisonService } from './comparison-service.ts';
import type { ConfEditor } from './conf-editor.ts';
import { ImportService } from './import-service.ts';
import type { LiveSettings } from './live-settings.ts';
import { type IpcService, ServiceError } from './service.ts';

/** How long a search goes on before other work has its turn: on a busy machine a turn is a long wait. */
const sliceMs = 2;

/** The parts of a name server that consoles see. */
export interface Parts {
  serverId: string;
  registry: Registry;
  occupancy: Occupancy;
  frontEnd: FrontEnd;
  history: History;
  committer: Committer;
  groupCommit: GroupCommit;
  counters: Counters;
  log: Logger;
  recentLog: RecentLog;
  store: HostStore;
  startedAt: number;
  /** the setting */
  threads: number;
  /** cores that the process may use, and why, for operators */
  cores: string;
  listen: ListenAddress;
  live: LiveSettings;
  expiryService: ExpiryService;
  peers: ReplicationService;
  requestHandler: RequestHandler;
  editing: ConfEditor;
  ping: typeof pingHost;
}

/** The service for all consoles of a name server. */
export function createConsoleService(parts: Parts): IpcService {
  const { registry, frontEnd, history, committer, groupCommit, log, live, expiryService } = parts;
  const { counters, occupancy, requestHandler, editing, recentLog } = parts;
  const { redirector, redirects } = requestHandler;
  const backlog = new BacklogService({ frontEnd, history, log });
  const backups = new BackupService(parts);
  const imports = new ImportService({ ...parts, ttlMs: () => live.inForce.ttlMs });
  const comparing = new ComparisonService({ peers: parts.peers, history, log });

  const liveRow = (address: string): number => {
    const words = parseAddress(address);
    const row = words === null ? noRow : registry.find(words, 0);
    if (row === noRow || !registry.isLive(row))
      throw new ServiceError(
        ipcErrors.unknownHost,
        `no live host at ${printable(address, 64)}; ddns-tui hosts lists them`,
      );
    return row;
  };

  /** Undoes a removal that could not be stored; nodes see it as another change. */
  const putBack = (row: number, { nodeId, dialect, lastSeen }: Host): void => {
    const words = registry.addresses.slice(row * addressWords, (row + 1) * addressWords);
    registry.register(words, nodeId, dialect, lastSeen);
  };

  /** The registry, and how its hosts stand now. */
  const hostsNow = () => ({ registry, standings: expiryService.standings() });

  const expiryStatus = () => {
    const { selfPreservation, ...expiry } = expiryService.status();
    return { expiry, selfPreservation };
  };

  const logStatus = () => ({ level: live.inForce.logLevel, lines: recentLog.total });

  const residentBytes = residentMemory();

  return {
    status: (): Status => ({
      server: {
        id: parts.serverId,
        version,
        pid: process.pid,
        startedAt: parts.startedAt,
        hostname: hostname(),
      },
      listen: { ...parts.listen, isLost: live.isAddressLost },
      zone: live.inForce.zone,
      config: { ...live.status, secret: live.inForce.secret?.standing ?? null },
      hosts: {
        live: registry.live.length,
        gone: registry.gone.length,
        limit: registry.maxHosts,
        reachable: registry.live.length - registry.unprovedRows.count(),
      },
      backlog: {
        limit: occupancy.backlogLimit,
        current: occupancy.backlog,
        peak: occupancy.peak,
      },
      refused: history.refusedLately(),
      connections: { open: occupancy.open, limit: occupancy.limit },
      threads: { configured: parts.threads, running: frontEnd.running, cores: parts.cores },
      storage: {
        state: committer.trouble === null ? 'ok' : 'degraded',
        file: parts.store.file,
        reason: committer.trouble?.reason ?? null,
        since: committer.trouble?.since ?? null,
      },
      ttlMs: live.inForce.ttlMs,
      ...expiryStatus(),
      shares: sharesOf(parts),
      peers: parts.peers.view(),
      redirecting: redirector.status,
      redirects: redirects.status(),
      memory: { residentBytes: residentBytes() },
      log: logStatus(),
      counters: { ...counters },
    }),
    samplesAfter: (seq) => history.samples.after(seq),
    hourSamplesAfter: (seq) => history.hourSamples.after(seq),
    activityAfter: (seq) => history.activity.after(seq),
    async page(query: PageParams, isUnwanted: () => boolean): Promise<HostsPage> {
      try {
        const search = findPage(hostsNow(), query);
        // The first turn comes soon: a hand that types on has given the search up by then.
        for (let until = 0; ; ) {
          const step = search.next();
          if (step.done === true) return step.value;
          if (performance.now() < until) continue;
          await nextTurn();
          until = performance.now() + sliceMs;
          if (isUnwanted()) throw new ServiceError(ipcErrors.givenUp, 'the request was cancelled');
        }
      } catch (error) {
        throw error instanceof AnchorError
          ? new ServiceError(ipcErrors.badAnchor, error.message, error)
          : error;
      }
    },
    host: (address): Host => toHost(hostsNow(), liveRow(address)),
    async ping(address): Promise<PingResult> {
      const host = registry.record(liveRow(address));
      counters.pingsSent++;
      const { nodeId } = host;
      const pinged = await parts.ping(host.address, host.dialect, { nodeId });
      const { answered, roundTripMs, reason } = pinged;
      const result = { answered, roundTripMs, reason };
      if (result.answered) {
        counters.pingsAnswered++;
        // The host may have left during the ping.
        const words = parseAddress(host.address);
        const row = words === null ? noRow : registry.find(words, 0);
        if (row !== noRow && registry.isLive(row)) registry.prove(row, wallNow());
        groupCommit.end();
      }
      const text = result.answered
        ? `answered a ping in ${result.roundTripMs} ms`
        : `no answer to a ping: ${printable(result.reason ?? '')}`;
      history.add(wallNow(), 'pinged', host.address, text);
      return result;
    },
    remove(address): Host {
      const row = liveRow(address);
      const host = toHost(hostsNow(), row);
      if (committer.trouble === null) {
        registry.remove(row, wallNow());
        // After a failed commit the host is restored: the operator is told that it was not removed.
        if (groupCommit.end() !== null) putBack(row, host);
      }
      if (committer.trouble !== null)
        throw new ServiceError(
          ipcErrors.storageFailed,
          `${host.address} was not removed: ${committer.trouble.reason}`,
        );
      counters.removed++;
      history.add(wallNow(), 'removed', host.address, 'by an operator');
      log.info({ address: host.address, nodeId: host.nodeId }, 'host removed by an operator');
      return host;
    },
    reload: () => editing.reload(),
    config: () => editing.config(),
    checkConfig: (change) => editing.check(change),
    saveConfig: (change) => editing.save(change),
    overrideSelfPreservation: () => expiryService.override(),
    redirects: () => redirects.view(),
    redirectsAfter: (seq) => redirects.after(seq),
    drain(address) {
      const refusal = requestHandler.drain(address);
      if (refusal !== null)
        throw new ServiceError(ipcErrors.noPeer, explainRefusal(refusal, address));
      const text = `drain${address === null ? '' : ` to ${address}`} started by an operator`;
      history.add(wallNow(), 'drained', null, text);
      log.warn(text);
      return redirector.status;
    },
    undrain() {
      if (!requestHandler.undrain()) return redirector.status;
      history.add(wallNow(), 'drained', null, 'drain ended by an operator');
      log.warn('drain ended by an operator');
      return redirector.status;
    },
    syncPeers: (address) => comparing.compare(address),
    backlog: () => backlog.list(),
    closeConnection: (id) => backlog.close(id),
    importHosts: (query) => imports.import(query),
    beginBackup: (isUnwanted) => backups.begin(isUnwanted),
    readBackup: (query) => backups.read(query),
    log: (query) => ({ status: logStatus(), ...recentLog.find(query) }),
    countDropped: () => {
      counters.updatesDropped++;
    },
    consoleClosed: (why) => {
      counters.consolesClosed++;
      log.warn(`console connection closed: ${why}`);
    },
  };
}

/** The shares of this server, then of the others in the order of NameServers. */
function sharesOf({ expiryService, peers, serverId }: Parts): Status['shares'] {
  const { complete, servers } = expiryService.shares();
  const order = new Set([serverId, ...peers.membership.peers.map(({ id }) => id)]);
  return {
    complete,
    servers: [...order].flatMap((id) =>
      servers
        .filter((each) => each.id === id)
        .map((each) => ({ id: each.id, address: peers.addressOf(each.id), hosts: each.hosts })),
    ),
  };
}

function explainRefusal(refusal: DrainRefusal, address: string | null): string {
  const peer = printable(address ?? '', maxServerName);
  switch (refusal) {
    case 'no-peers':
      return 'no other name server to redirect nodes to: NameServers in ddns.conf is empty';
    case 'unknown':
      return `${peer} is not one of the other name servers; ddns-tui peers lists them`;
    case 'away':
      return address === null
        ? 'no other name server accepts nodes now; ddns-tui peers shows their states'
        : `${peer} accepts no nodes now: it is down or draining; ddns-tui peers shows its state`;
    case 'stopping':
      return 'this name server is stopping and already redirects all nodes';
  }
}
