// The backlog for consoles: lists its connections, and closes one.
import { type Backlog, type BacklogEntry, ipcErrors } from '../../shared/ipc/contract.ts';
import { printable } from '../../shared/output/printable.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { type BacklogConnection, longestFirst } from '../clients/connection-shared.ts';
import type { History } from '../core/stats/history.ts';
import type { BacklogParts, FrontEnd } from '../front-end.ts';
import type { Logger } from '../log.ts';
import { ServiceError } from './service.ts';

export interface BacklogServiceOptions {
  frontEnd: Pick<FrontEnd, 'backlog' | 'closeConnection'>;
  history: History;
  log: Logger;
}

/** Answers the backlog requests of all consoles. */
export class BacklogService {
  private readonly options: BacklogServiceOptions;
  /** the list under way, shared by all consoles that ask meanwhile */
  private listing: Promise<Backlog> | null = null;

  constructor(options: BacklogServiceOptions) {
    this.options = options;
  }

  /** Lists the backlog. Concurrent calls share one question to the workers. */
  list(): Promise<Backlog> {
    this.listing ??= this.options.frontEnd
      .backlog()
      .then((parts) => joinBacklog(parts, wallNow()))
      .finally(() => {
        this.listing = null;
      });
    return this.listing;
  }

  /** Closes the connection `id` in the backlog. @throws ServiceError when there is none, or its process is silent */
  async close(id: string): Promise<BacklogEntry> {
    const { frontEnd, history, log } = this.options;
    const at = parseConnectionId(id);
    const closed = at === null ? null : await frontEnd.closeConnection(at.processNumber, at.serial);
    if (at === null || closed === null)
      throw new ServiceError(
        ipcErrors.unknownConnection,
        `no connection ${printable(id, 64)} in the backlog: it was answered or has closed; ddns-tui backlog lists the current ones`,
      );
    const now = wallNow();
    if (closed === 'no-answer') {
      // The process may still close it, unreported.
      const text = `worker process ${at.processNumber} did not confirm that it closed connection ${id}`;
      history.add(now, 'closed', null, `requested by an operator: ${text}`);
      log.warn({ id }, text);
      throw new ServiceError(
        ipcErrors.noAnswer,
        `${text}; check with ddns-tui backlog, then try again`,
      );
    }
    const entry = entryOf(at.processNumber, closed);
    const { source, dialect, stage, waitedMs } = entry;
    const text = `closed by an operator after ${(waitedMs / 1_000).toFixed(1)} s in the backlog (${dialect}, ${stage})`;
    history.add(now, 'closed', source, text);
    log.warn({ source, id, dialect, stage, waitedMs }, 'connection closed by an operator');
    return entry;
  }
}

function entryOf(processNumber: number, { serial, ...rest }: BacklogConnection): BacklogEntry {
  return { id: `${processNumber}-${serial}`, ...rest };
}

/** The parts of all processes as one list at `now`, ms since 1970; those that wait longest come first. */
export function joinBacklog({ parts, missing }: BacklogParts, now: number): Backlog {
  const entries = [...parts].flatMap(([number, { connections }]) =>
    connections.map((each) => entryOf(number, each)),
  );
  const sum = (what: 'total' | 'silent' | 'idle') =>
    [...parts.values()].reduce((total, part) => total + part[what], 0);
  return {
    at: now,
    total: sum('total') + missing.reduce((total, { backlog }) => total + backlog, 0),
    entries: longestFirst(entries),
    silent: sum('silent'),
    idle: sum('idle'),
    missing,
  };
}

/**
 * A connection's id, such as `2-1041`: the number of its process and its number there, which is never used again. Null:
 * `id` is none.
 */
export function parseConnectionId(id: string): { processNumber: number; serial: number } | null {
  const [, processNumber, serial] = /^(\d{1,9})-(\d{1,15})$/.exec(id) ?? [];
  return processNumber === undefined
    ? null
    : { processNumber: Number(processNumber), serial: Number(serial) };
}
