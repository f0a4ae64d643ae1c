// How long SQLite's log may get. A program that reads the database sees it as it was when its transaction began, so
// SQLite cannot begin the log anew until that ends. A transaction that somebody forgot would fill the disk.
import { lockHolder } from '../machine/lock-holder.ts';

/** Bytes of the log. */
export interface LogLimits {
  /** operators are told */
  told: number;
  /** the database is written again, into new files */
  most: number;
}

/** `told` is twice what a backup may hold back; a server under full load writes `most` in some minutes. */
const usualLimits: LogLimits = { told: 134_217_728, most: 536_870_912 };

/** Where in the file of shared memory the locks of readers are (sqlite.org/walformat.html, 2.3.1). */
const readLocks = { first: 123, last: 127 };

/** The program that reads `database` in a transaction, in words. */
export function readerOf(database: string): string {
  const pid = lockHolder(`${database}-shm`, readLocks);
  return pid === null ? 'another program' : `process ${pid}`;
}

/** Watches the log of one open database. */
export class LogGrowth {
  private readonly database: string;
  private readonly limits: LogLimits;
  private isTold = false;

  /** @param database its real path */
  constructor(database: string, limits = usualLimits) {
    this.database = database;
    this.limits = limits;
  }

  /** Call after each checkpoint with the bytes in the log. @returns what to do, and a sentence that says why */
  judge(bytes: number): { isTooLong: boolean; text: string } | null {
    const { told, most } = this.limits;
    if (bytes < told) this.isTold = false;
    if (bytes < told || (this.isTold && bytes < most)) return null;
    const held = `${readerOf(this.database)} has been reading ${this.database} for so long that its write-ahead log has grown to ${Math.floor(bytes / 1_048_576)} MB`;
    if (bytes >= most) return { isTooLong: true, text: held };
    this.isTold = true;
    const next = `At ${Math.floor(most / 1_048_576)} MB ddnsd writes a new file, and that program goes on with the old one`;
    return { isTooLong: false, text: `${held}: end its transaction. ${next}` };
  }
}
