// Fills the database of a data folder with hosts. It is written in the schema from which every later
// daemon brings its file up to date, so that builds of different schemas start from the same hosts.
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { migrate } from '../../daemon/store/schema.ts';
import { nodeIdOf, portOf } from './exchanges/exchange.ts';

export interface Seed {
  /** all of them */
  hosts: number;
  /** how many of them are those that a load registers: what it does then makes none new */
  ofLoad?: number;
}

/** Oldest schema that all builds know. */
const schema = 2;

export function seedRegistry(file: string, { hosts, ofLoad = 0 }: Seed): void {
  const database = new Database(file);
  migrate(database, file, schema);
  const insertIdentity = database.prepare('INSERT INTO identity (name, value) VALUES (?, ?)');
  const insert = database.prepare(
    `INSERT INTO hosts (address, node_id, first_seen, last_seen, state, dialect, change, changed_at,
       version_ms, version_counter, version_server, entry)
     VALUES (?, ?, ?, ?, 'live', 'native', ?, ?, ?, 0, '', ?)`,
  );
  database.transaction(() => {
    const identity = { id: randomBytes(8), incarnation: randomBytes(4) };
    for (const [name, value] of Object.entries(identity))
      insertIdentity.run(name, value.toString('hex'));
    insertIdentity.run('entry', String(hosts));
    const now = Date.now();
    // In the order of the key, which is much quicker; the changes are in another one.
    for (const { address, nodeId, change, at } of seeds(hosts, ofLoad, now).toSorted(byAddress))
      insert.run(address, nodeId, at, at, change, at, at, change);
  })();
  database.close();
}

interface SeededHost {
  address: string;
  nodeId: string;
  change: number;
  at: number;
}

/** Besides the load's at 127.0.0.1 they are 10.x.y.z, one port: as different as hosts of a network are. */
function seeds(hosts: number, ofLoad: number, now: number): SeededHost[] {
  return Array.from({ length: hosts }, (_, index) => {
    const change = index + 1;
    if (index < ofLoad)
      return { address: `127.0.0.1:${portOf(index)}`, nodeId: nodeIdOf(index), change, at: now };
    const mixed = Math.imul(change, 0x9e3779b1) >>> 0;
    const ip = `10.${(mixed >>> 16) & 255}.${(mixed >>> 8) & 255}.${mixed & 255}`;
    return {
      address: `${ip}:${1024 + (index % 60_000)}`,
      nodeId: `${mixed.toString(16).padStart(8, '0')}-928c-4155-bee9-${index.toString(16).padStart(12, '0')}`,
      change,
      at: now - (mixed % 3_000_000),
    };
  });
}

function byAddress(a: SeededHost, b: SeededHost): number {
  return a.address < b.address ? -1 : 1;
}
