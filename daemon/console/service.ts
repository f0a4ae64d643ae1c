// The requests that a console can make, as sessions call them: those of the IPC contract, with parameters already
// checked. Failures that a console acts on are ServiceErrors.
import type { ReloadResult } from '../../shared/config/changes.ts';
import type { BackupBegun, BackupPiece, BackupQuery } from '../../shared/ipc/backup-contract.ts';
import type {
  ConfigChange,
  ConfigCheck,
  ConfigResult,
  ConfigSave,
  SaveResult,
} from '../../shared/ipc/config-contract.ts';
import type {
  Backlog,
  BacklogEntry,
  Host,
  HostsPage,
  ipcErrors,
  PageParams,
  PingResult,
  SyncResult,
} from '../../shared/ipc/contract.ts';
import type { ImportQuery, ImportResult } from '../../shared/ipc/import-contract.ts';
import type { LogParams, LogResult } from '../../shared/ipc/log-contract.ts';
import type {
  Activity,
  Redirect,
  Redirecting,
  Redirects,
  Sample,
  Status,
} from '../../shared/ipc/status-contract.ts';

/** One method per request of the contract; those that fail throw ServiceError. */
export interface IpcService {
  status(): Status;
  samplesAfter(seq: number): Sample[];
  hourSamplesAfter(seq: number): Sample[];
  activityAfter(seq: number): Activity[];
  /** `isUnwanted`: the console has cancelled the request or disconnected. */
  page(query: PageParams, isUnwanted: () => boolean): Promise<HostsPage>;
  host(address: string): Host;
  ping(address: string): Promise<PingResult>;
  remove(address: string): Host;
  reload(): Promise<ReloadResult>;
  config(): Promise<ConfigResult>;
  checkConfig(change: ConfigChange): Promise<ConfigCheck>;
  saveConfig(change: ConfigSave): Promise<SaveResult>;
  overrideSelfPreservation(): void;
  redirects(): Redirects;
  redirectsAfter(seq: number): Redirect[];
  drain(address: string | null): Redirecting;
  undrain(): Redirecting;
  /** null: with every peer */
  syncPeers(address: string | null): Promise<SyncResult>;
  backlog(): Promise<Backlog>;
  closeConnection(id: string): Promise<BacklogEntry>;
  importHosts(query: ImportQuery): ImportResult;
  /** Begins a backup, for as long as `isUnwanted` is false: the console is connected. */
  beginBackup(isUnwanted: () => boolean): BackupBegun;
  readBackup(query: BackupQuery): Promise<BackupPiece>;
  log(query: LogParams): LogResult;
  /** Counts a delta that was dropped because the console read too slowly. */
  countDropped(): void;
  /** The daemon closed a console; `why` for operators. */
  consoleClosed(why: string): void;
}

/** A failed request with the JSON-RPC error code of the contract; `message` is shown to operators. */
export class ServiceError extends Error {
  readonly code: (typeof ipcErrors)[keyof typeof ipcErrors];

  constructor(code: ServiceError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ServiceError';
    this.code = code;
  }
}
