// What the bench consists of: parts that each measure one thing and give back its tables.
import type { Pace } from '../comparison.ts';
import type { ConsoleBuild } from '../console/terminal.ts';
import type { Build } from '../ddnsd-server.ts';
import type { Table } from '../table.ts';

export interface PartOptions extends Pace {
  /** the builds of ddnsd that are measured beside each other; the first is this one */
  builds: readonly Build[];
  /** those of the console; the last is this one */
  consoles: readonly ConsoleBuild[];
  /** sizes of fleets; null: those of the part */
  servers: readonly number[] | null;
  /** of a part that takes as long as one wants */
  minutes: number;
}

export interface Part {
  name: string;
  /** one line for --help, and the heading in RESULTS.md */
  about: string;
  /** roughly, with the defaults, on two cores */
  minutes: number;
  /** it takes its own time, without rounds, with the daemon of this checkout on whichever core */
  isOnce?: true;
  /** it is measured only when it is named */
  isLong?: true;
  measure(options: PartOptions): Promise<Table[]>;
}
