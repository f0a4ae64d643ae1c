// The version of each row's record, in columns: 12 bytes a host. Servers are numbered, because a
// fleet has a few of them and a registry a million hosts.
import { NumberColumn } from './number-column.ts';
import { compareVersions, type Version } from './version.ts';

/** Numbers of servers are 16 bits: far more than name servers that a fleet has over the years. */
export const maxServers = 65_535;

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

  get(row: number): Version {
    return {
      ms: this.ms.at(row),
      counter: this.counters[row] as number,
      server: this.names[this.servers[row] as number] as string,
    };
  }

  msOf(row: number): number {
    return this.ms.at(row);
  }

  counterOf(row: number): number {
    return this.counters[row] as number;
  }

  /** The number of the version's server. */
  serverOf(row: number): number {
    return this.servers[row] as number;
  }

  nameOf(server: number): string {
    return this.names[server] as string;
  }

  /** Whether a version of that server can be kept. */
  hasRoomFor(server: string): boolean {
    return this.numbers.has(server) || this.names.length < maxServers;
  }

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
