// Imports hosts for consoles: in batches, each with one commit, and one line of the log for all of them.
import { ipcErrors } from '../../shared/ipc/contract.ts';
import type { ImportQuery, ImportResult } from '../../shared/ipc/import-contract.ts';
import { parseAddress } from '../../shared/protocol/address.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { type ImportOutcome, importHost } from '../core/registry/importing.ts';
import type { Registry } from '../core/registry/registry.ts';
import type { History } from '../core/stats/history.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { Logger } from '../log.ts';
import type { Committer } from '../store/committer.ts';
import { ServiceError } from './service.ts';

export interface ImportServiceOptions {
  registry: Registry;
  committer: Pick<Committer, 'trouble'>;
  groupCommit: Pick<GroupCommit, 'end'>;
  history: History;
  log: Logger;
  /** the TTL in force */
  ttlMs: () => number;
}

/** Answers the import requests of all consoles. */
export class ImportService {
  private readonly options: ImportServiceOptions;
  /** since the last line of the log */
  private read = 0;
  private stored = 0;

  constructor(options: ImportServiceOptions) {
    this.options = options;
  }

  /** Imports a batch and commits it. @throws ServiceError when it cannot be stored */
  import({ hosts, more }: ImportQuery): ImportResult {
    const { registry, groupCommit, ttlMs } = this.options;
    if (this.trouble !== null) throw notStored(this.trouble);
    const times = { now: wallNow(), ttlMs: ttlMs() };
    const outcomes = hosts.map((host): ImportOutcome => {
      const words = parseAddress(host.address);
      return words === null ? 'no-address' : importHost(registry, words, host, times);
    });
    if (groupCommit.end() !== null) throw notStored(this.trouble);
    this.read += hosts.length;
    this.stored += outcomes.filter((outcome) => outcome === 'stored').length;
    if (!more) this.report();
    return { outcomes };
  }

  private get trouble(): string | null {
    return this.options.committer.trouble?.reason ?? null;
  }

  private report(): void {
    const { history, log } = this.options;
    const text = `${this.stored} of ${this.read} hosts imported by an operator`;
    history.add(wallNow(), 'imported', null, text);
    log.info(text);
    this.read = 0;
    this.stored = 0;
  }
}

function notStored(reason: string | null): ServiceError {
  return new ServiceError(
    ipcErrors.storageFailed,
    `the name server cannot store hosts now: ${reason}`,
  );
}
