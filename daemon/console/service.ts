// What a console can ask of a daemon, as the IPC server sees it: the contract's requests with their
// parameters checked already. Errors that a console should act on are ServiceErrors.
import type { ReloadResult } from '../../shared/config/changes.ts';
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
import type { LogParams, LogResult } from '../../shared/ipc/log-contract.ts';
import type {
  Activity,
  Redirect,
  Redirecting,
  Redirects,
  Sample,
  Status,
} from '../../shared/ipc/status-contract.ts';

export interface IpcService {
  status(): Status;
  samplesAfter(seq: number): Sample[];
  hourSamplesAfter(seq: number): Sample[];
  activityAfter(seq: number): Activity[];
  /** `isUnwanted`: nobody waits for the page any more. */
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
  log(query: LogParams): LogResult;
  /** deltas that were left out because a console read too slowly */
  countDropped(): void;
  /** A console was closed by this side: why, for people. */
  consoleClosed(why: string): void;
}

export class ServiceError extends Error {
  readonly code: (typeof ipcErrors)[keyof typeof ipcErrors];

  constructor(code: ServiceError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ServiceError';
    this.code = code;
  }
}
