// Backups for consoles: begins one, and sends its pieces (store/snapshot.ts).
import type { BackupBegun, BackupPiece, BackupQuery } from '../../shared/ipc/backup-contract.ts';
import { ipcErrors } from '../../shared/ipc/contract.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { History } from '../core/stats/history.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import type { HostStore } from '../store/host-store.ts';
import type { Snapshot } from '../store/snapshot.ts';
import { ServiceError } from './service.ts';

export interface BackupServiceOptions {
  store: Pick<HostStore, 'snapshot' | 'checkpoint'>;
  registry: Registry;
  groupCommit: Pick<GroupCommit, 'end'>;
  history: History;
  log: Logger;
}

interface Current {
  id: string;
  snapshot: Snapshot;
  live: number;
  /** monotonic ms */
  beganAt: number;
}

/** Answers the backup requests of all consoles. */
export class BackupService {
  private readonly options: BackupServiceOptions;
  private current: Current | null = null;
  private begun = 0;

  constructor(options: BackupServiceOptions) {
    this.options = options;
  }

  /** Begins a backup of everything registered so far. @throws ServiceError */
  begin(isUnwanted: () => boolean): BackupBegun {
    const { store, registry, groupCommit } = this.options;
    const refused = groupCommit.end();
    if (refused !== null)
      throw noBackup('the registry cannot be written now; ddns-tui status says why');
    const snapshot = explained(() => store.snapshot(isUnwanted));
    const id = String(++this.begun);
    const live = registry.live.length;
    this.current = { id, snapshot, live, beganAt: performance.now() };
    return { id, bytes: snapshot.bytes, live };
  }

  /** A piece of the backup `id`. @throws ServiceError when it ended before it was complete */
  async read({ id, at }: BackupQuery): Promise<BackupPiece> {
    const { current } = this;
    if (current?.id !== id) throw noBackup('the backup ended: another one began');
    const piece = await current.snapshot.read(at).catch((error: unknown) => {
      throw noBackup((error as Error).message, error);
    });
    if (at + piece.length >= current.snapshot.bytes && this.current === current) this.end(current);
    return { data: piece.toString('base64') };
  }

  private end({ snapshot, live, beganAt }: Current): void {
    const { store, history, log } = this.options;
    this.current = null;
    const tookMs = Math.round(performance.now() - beganAt);
    const text = `backup of ${live} hosts read by an operator`;
    history.add(wallNow(), 'backup', null, text);
    log.info({ bytes: snapshot.bytes, tookMs }, text);
    // The one that waited, before the next commit has to do it.
    store.checkpoint();
  }
}

function explained<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw noBackup((error as Error).message, error);
  }
}

function noBackup(reason: string, cause?: unknown): ServiceError {
  return new ServiceError(ipcErrors.noBackup, reason, cause);
}
