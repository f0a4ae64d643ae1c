// Columns of the registry: one value a row, packed, so that a million hosts are no objects.
import {
  type HostDialect,
  hostDialects,
  isSameLanguage,
} from '../../../shared/protocol/sync-message.ts';
import { compareVersions, type Version } from './version.ts';

const high = 2 ** 32;
const largest = 2 ** 48 - 1;

/**
 * A column of whole numbers from 0 to 2^48 - 1, six bytes each: enough for times in milliseconds until the year
 * 10889, and for a thousand changes a second until then. A larger number, such as a peer may claim, is kept as
 * 2^48 - 1.
 */
export class NumberColumn {
  private readonly lows: Uint32Array;
  private readonly highs: Uint16Array;

  constructor(rows: number) {
    this.lows = new Uint32Array(rows);
    this.highs = new Uint16Array(rows);
  }

  /** The row's number; 0 if none was set. */
  at(row: number): number {
    return (this.highs[row] as number) * high + (this.lows[row] as number);
  }

  /** Sets the row's number, 0 or more. */
  set(row: number, value: number): void {
    const kept = Math.min(value, largest);
    this.highs[row] = kept / high;
    this.lows[row] = kept;
  }
}

/** Servers are numbered with 16 bits: far more than the name servers that a fleet has over the years. */
const maxServers = 65_535;

/** The columns of a record's times. */
interface TimeColumns {
  versions: HostVersions;
  firstSeen: NumberColumn;
  lastSeen: NumberColumn;
  changedAt: NumberColumn;
}

/** The latest time in the record of `row`, ms since 1970. */
export function latestTime(columns: TimeColumns, row: number): number {
  return Math.max(columns.changedAt.at(row), latestSentTime(columns, row));
}

/** The latest time in what peers are sent of `row`, ms since 1970. */
export function latestSentTime(
  { versions, firstSeen, lastSeen }: Omit<TimeColumns, 'changedAt'>,
  row: number,
): number {
  return Math.max(versions.msOf(row), firstSeen.at(row), lastSeen.at(row));
}

/** The version of each row's record: 12 bytes a row, because the few servers of a fleet are numbered. */
export class HostVersions {
  private readonly ms: NumberColumn;
  private readonly counters: Uint32Array;
  private readonly servers: Uint16Array;
  private readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();

  constructor(rows: number) {
    this.ms = new NumberColumn(rows);
    this.counters = new Uint32Array(rows);
    this.servers = new Uint16Array(rows);
  }

  /** The row's version; `set` must have been called for the row. */
  get(row: number): Version {
    return {
      ms: this.ms.at(row),
      counter: this.counters[row] as number,
      server: this.names[this.servers[row] as number] as string,
    };
  }

  /** The time of the row's version, ms since 1970. */
  msOf(row: number): number {
    return this.ms.at(row);
  }

  /** The counter of the row's version. */
  counterOf(row: number): number {
    return this.counters[row] as number;
  }

  /** The number that the version's server has here; `nameOf` gives its id. */
  serverOf(row: number): number {
    return this.servers[row] as number;
  }

  /** The id of the server with that number. */
  nameOf(server: number): string {
    return this.names[server] as string;
  }

  /** Whether a version of that server fits: it has a number, or one is free. */
  hasRoomFor(server: string): boolean {
    return this.numbers.has(server) || this.names.length < maxServers;
  }

  /** Sets the row's version; call `hasRoomFor` first when it came from a peer. */
  set(row: number, { ms, counter, server }: Version): void {
    let number = this.numbers.get(server);
    if (number === undefined) {
      number = this.names.push(server) - 1;
      this.numbers.set(server, number);
    }
    this.ms.set(row, ms);
    this.counters[row] = counter;
    this.servers[row] = number;
  }

  /** Negative when the row's version is older than `version`. */
  compare(row: number, version: Version): number {
    return compareVersions(this.get(row), version);
  }
}

/** What the host of each row speaks, which decides how it is pinged. */
export class DialectColumn {
  /** indexes in `hostDialects` */
  private readonly indexes: Uint8Array;

  constructor(rows: number) {
    this.indexes = new Uint8Array(rows);
  }

  at(row: number): HostDialect {
    return hostDialects[this.indexes[row] as number] as HostDialect;
  }

  set(row: number, dialect: HostDialect): void {
    this.indexes[row] = hostDialects.indexOf(dialect);
  }

  /** What the live host speaks after a contact in `dialect`: one that asks over UDP and over TCP keeps its transport. */
  afterContact(row: number, dialect: HostDialect): HostDialect {
    const known = this.at(row);
    return isSameLanguage(known, dialect) ? known : dialect;
  }
}
