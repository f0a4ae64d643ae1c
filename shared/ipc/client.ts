// A typed client of the daemon's IPC socket (contract.ts). It greets, checks the version, and turns connection errors
// into the next step for the operator. A client is one connection; its owner reconnects.
import { connect } from 'node:net';
import {
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
  SocketMessageReader,
  SocketMessageWriter,
} from 'vscode-jsonrpc/node';
import type { ReloadResult } from '../config/changes.ts';
import { afterListening } from '../listening-time.ts';
import {
  type BackupBegun,
  type BackupQuery,
  backupPieceRequest,
  backupRequest,
} from './backup-contract.ts';
import {
  type ConfigChange,
  type ConfigCheck,
  type ConfigResult,
  type ConfigSave,
  checkConfigRequest,
  configRequest,
  reloadRequest,
  type SaveResult,
  saveConfigRequest,
} from './config-contract.ts';
import {
  type Backlog,
  type BacklogEntry,
  backlogRequest,
  closeRequest,
  drainRequest,
  type HelloResult,
  type Host,
  type HostsPage,
  helloRequest,
  hostRequest,
  ipcErrors,
  ipcProtocol,
  overrideRequest,
  type PageQuery,
  type PingResult,
  pageRequest,
  pingRequest,
  removeRequest,
  type SyncResult,
  syncRequest,
  undrainRequest,
} from './contract.ts';
import { type ImportQuery, type ImportResult, importRequest } from './import-contract.ts';
import { type LogQuery, type LogResult, logRequest } from './log-contract.ts';
import {
  type Delta,
  deltaNotification,
  type Redirecting,
  type Redirects,
  redirectsRequest,
  type Snapshot,
  type Status,
  statusRequest,
  subscribeRequest,
} from './status-contract.ts';

/** Longest wait for the daemon to accept and greet: it is on this machine, which may be very busy. */
const greetTimeoutMs = 10_000;

/** Why a daemon cannot be attached to. */
export type UnreachableCode =
  | 'not-running'
  | 'not-allowed'
  | 'no-answer'
  | 'wrong-version'
  | 'full';

/** The daemon cannot be attached to; `message` ends with the next step. */
export class UnreachableError extends Error {
  readonly code: UnreachableCode;

  constructor(code: UnreachableCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UnreachableError';
    this.code = code;
  }
}

/** A connection to a daemon. Requests reject with vscode-jsonrpc's ResponseError, whose `code` is one of `ipcErrors`. */
export interface IpcClient {
  readonly server: HelloResult['server'];
  status(): Promise<Status>;
  /** Resolves with a snapshot; afterwards `onDelta` is called for every change until the connection ends. */
  subscribe(onDelta: (delta: Delta) => void): Promise<Snapshot>;
  /** `signal` cancels the request: the daemon stops searching, and the promise rejects. */
  page(query: PageQuery, signal?: AbortSignal): Promise<HostsPage>;
  host(address: string): Promise<Host>;
  ping(address: string): Promise<PingResult>;
  remove(address: string): Promise<Host>;
  reload(): Promise<ReloadResult>;
  config(): Promise<ConfigResult>;
  /** Checks what a change of ddns.conf would do. */
  checkConfig(change: ConfigChange): Promise<ConfigCheck>;
  saveConfig(change: ConfigSave): Promise<SaveResult>;
  overrideSelfPreservation(): Promise<Status['selfPreservation']>;
  redirects(): Promise<Redirects>;
  /** Redirects every request: to the least loaded peers, or to the one at `address`. */
  drain(address?: string): Promise<Redirecting>;
  undrain(): Promise<Redirecting>;
  /** Compares the registry with the peer at `address`, or with all peers, now. */
  syncPeers(address?: string): Promise<SyncResult>;
  /** The connections with an unanswered request. */
  backlog(): Promise<Backlog>;
  /** Closes a connection in the backlog; resolves with its last state. */
  closeConnection(id: string): Promise<BacklogEntry>;
  /** Imports hosts, at most `maxImportedHosts`. */
  importHosts(query: ImportQuery): Promise<ImportResult>;
  /** Begins a backup of the registry, which ends with its last piece or with this connection. */
  beginBackup(): Promise<BackupBegun>;
  /** A piece of it; none behind its end. */
  readBackup(query: BackupQuery): Promise<Buffer>;
  /** Lines of the log, the newest ones unless `query` says otherwise. */
  log(query?: LogQuery): Promise<LogResult>;
  /** resolves when the connection has ended, at either side */
  readonly closed: Promise<void>;
  close(): void;
}

/** Who attaches. */
export interface ConsoleName {
  name: string;
  version: string;
  /** It only reads: the daemon refuses what would change something. */
  readOnly?: boolean;
  /** It will subscribe: the snapshot is asked for with the greeting, so that only one answer is waited for. */
  subscribes?: boolean;
}

/**
 * Attaches to the daemon that listens on `socketPath` (a Unix socket, or a named pipe on Windows).
 * @throws UnreachableError
 */
export async function connectIpc(socketPath: string, client: ConsoleName): Promise<IpcClient> {
  const socket = await openSocket(socketPath);
  const reader = new SocketMessageReader(socket);
  // Otherwise a timer would run for ever after a daemon broke off within a message.
  reader.partialMessageTimeout = 0;
  const rpc = createMessageConnection(reader, new SocketMessageWriter(socket));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  rpc.onError(() => socket.destroy());
  closed.then(() => rpc.dispose());
  rpc.listen();
  const greeted = greet(rpc, socketPath, client).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  const snapshot = client.subscribes ? rpc.sendRequest(subscribeRequest, {}) : null;
  // Without a greeting there is no snapshot either, and `greeted` says why.
  snapshot?.catch(() => {});
  const server = await greeted;
  return {
    server,
    status: () => rpc.sendRequest(statusRequest, {}),
    subscribe: (onDelta) => {
      rpc.onNotification(deltaNotification, onDelta);
      return snapshot ?? rpc.sendRequest(subscribeRequest, {});
    },
    page: async (query, signal) => {
      const source = new CancellationTokenSource();
      const cancel = () => source.cancel();
      signal?.addEventListener('abort', cancel);
      try {
        return await rpc.sendRequest(pageRequest, query, source.token);
      } finally {
        signal?.removeEventListener('abort', cancel);
        source.dispose();
      }
    },
    host: (address) => rpc.sendRequest(hostRequest, { address }),
    ping: (address) => rpc.sendRequest(pingRequest, { address }),
    remove: (address) => rpc.sendRequest(removeRequest, { address }),
    reload: () => rpc.sendRequest(reloadRequest, {}),
    config: () => rpc.sendRequest(configRequest, {}),
    checkConfig: (change) => rpc.sendRequest(checkConfigRequest, change),
    saveConfig: (change) => rpc.sendRequest(saveConfigRequest, change),
    overrideSelfPreservation: () => rpc.sendRequest(overrideRequest, {}),
    redirects: () => rpc.sendRequest(redirectsRequest, {}),
    drain: (address) => rpc.sendRequest(drainRequest, { address }),
    undrain: () => rpc.sendRequest(undrainRequest, {}),
    syncPeers: (address) => rpc.sendRequest(syncRequest, { address }),
    backlog: () => rpc.sendRequest(backlogRequest, {}),
    closeConnection: (id) => rpc.sendRequest(closeRequest, { id }),
    importHosts: (query) => rpc.sendRequest(importRequest, query),
    beginBackup: () => rpc.sendRequest(backupRequest, {}),
    readBackup: async (query) =>
      Buffer.from((await rpc.sendRequest(backupPieceRequest, query)).data, 'base64'),
    log: (query = {}) => rpc.sendRequest(logRequest, query),
    closed,
    close: () => socket.destroy(),
  };
}

function openSocket(path: string) {
  return new Promise<ReturnType<typeof connect>>((resolve, reject) => {
    const socket = connect(path);
    socket.setTimeout(greetTimeoutMs, () => {
      socket.destroy();
      reject(noAnswer(path));
    });
    socket.once('connect', () => {
      socket.setTimeout(0);
      // A later error also closes the socket, which `closed` reports.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, path)));
  });
}

async function greet(
  rpc: MessageConnection,
  path: string,
  client: ConsoleName,
): Promise<HelloResult['server']> {
  let stopWaiting = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    stopWaiting = afterListening(greetTimeoutMs, () => reject(noAnswer(path)));
  });
  try {
    const hello = rpc.sendRequest(helloRequest, {
      protocol: ipcProtocol,
      client: client.name,
      version: client.version,
      ...(client.readOnly ? { readOnly: true } : {}),
    });
    return (await Promise.race([hello, late])).server;
  } catch (error) {
    if (error instanceof ResponseError && error.code === ipcErrors.protocolMismatch)
      throw new UnreachableError('wrong-version', error.message, error);
    if (error instanceof ResponseError && error.code === ipcErrors.tooManyConsoles)
      throw new UnreachableError('full', error.message, error);
    throw error instanceof UnreachableError ? error : noAnswer(path, error);
  } finally {
    stopWaiting();
  }
}

function noAnswer(path: string, cause?: unknown): UnreachableError {
  return new UnreachableError(
    'no-answer',
    `${path} accepts connections but sends no greeting: is it a ddnsd socket? Check with: systemctl status ddnsd`,
    cause,
  );
}

function explain(error: NodeJS.ErrnoException, path: string): UnreachableError {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new UnreachableError(
        'not-running',
        `no name server is listening on ${path}. Start one (systemctl start ddnsd, or npm start), or name its socket with --socket PATH`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return new UnreachableError(
        'not-allowed',
        `not allowed to open ${path}. Join the socket's group (usermod -aG ddns USER, then log in again), or use sudo`,
        error,
      );
    default:
      return new UnreachableError('no-answer', `cannot open ${path}: ${error.message}`, error);
  }
}
