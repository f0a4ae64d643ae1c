// A run of the real daemon under strace, and the power cut after every one of its writes: the registry is opened from
// what the disk may hold then, and must have every host that was told before that it is registered.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostStore, loadRegistry } from '../../daemon/store/host-store.ts';
import { formatAddress } from '../../shared/protocol/address.ts';
import { freePort } from '../fixture/free-port.ts';
import { makePacked } from '../fixture/packed-registry.ts';
import { programCommand } from '../fixture/programs.ts';
import { createRandom } from '../fixture/random.ts';
import { addresses, recordsOf, register } from '../fixture/registry.ts';
import { Disk, type Image, type Remainder, remainders } from './disk.ts';
import { parseTrace, type Step, straceOptions } from './trace.ts';

/** An address of loopback for the hosts alone. */
const ip = '127.0.77.1';
const firstPort = 20_001;

/** Registrations at a time: some share a commit. */
const atOnce = 3;

const database = 'hosts.db';
const silent = { info: () => {}, warn: () => {} } as never;

/** A database that is there when the daemon starts, and the hosts in it. */
export interface Before {
  bytes: Buffer;
  addresses: readonly string[];
}

/** A database of an older version, which the daemon brings up to date. */
export function olderDatabase(hosts: number): Before {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-cut-'));
  try {
    const file = join(folder, database);
    const addresses = makePacked(file, hosts).map(({ words }) => formatAddress(words, 0));
    return { bytes: readFileSync(file), addresses };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A database with so many hosts, in which checkpoints are due when all of them are written. */
export function presentDatabase(hosts: number): Before {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-cut-'));
  try {
    const file = join(folder, database);
    const store = new HostStore(file);
    const registry = loadRegistry(store, hosts, Date.now(), silent);
    const known = addresses(hosts);
    for (const address of known) register(registry, address, { now: Date.now() });
    store.commit(registry);
    store.close();
    return { bytes: readFileSync(file), addresses: known };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command of a program that serves the database in `folder` at `port` until its input ends. */
export type Serving = (folder: string, port: number) => readonly string[];

const serving: Serving = (folder, port) => {
  const conf = join(folder, 'ddns.conf');
  const lines = [`Port=${port}`, 'Interface=127.0.0.1', `Database=${database}`, 'Socket=s.sock'];
  writeFileSync(conf, `${[...lines, 'Threads=1', 'HostsPerSource=20000'].join('\n')}\n`);
  return programCommand('ddnsd', '--conf', conf, '--stop-on-stdin-end');
};

/** held-log.ts */
export const servingWithHeldLog: Serving = (folder, port) => {
  const program = fileURLToPath(new URL('./held-log.ts', import.meta.url));
  return [process.execPath, program, join(folder, database), String(port)];
};

/** The steps of a daemon that starts, registers `count` hosts, and stops. @throws Error when strace cannot run */
export async function recordRun(count: number, before?: Before, serve = serving): Promise<Step[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ddns-cut-'));
  try {
    if (before !== undefined) writeFileSync(join(folder, database), before.bytes);
    const port = await freePort();
    const trace = join(folder, 'trace');
    const command = serve(folder, port);
    const child = spawn('strace', [...straceOptions, '-o', trace, ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let said = '';
    const ended = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
    const ready = new Promise<void>((resolve) => {
      for (const output of [child.stdout, child.stderr])
        output.on('data', (part) => {
          said += part;
          if (said.includes('is ready')) resolve();
        });
    });
    await Promise.race([
      ready,
      ended.then(() => {
        throw new Error(`the program under strace ended: ${said}`);
      }),
    ]);
    for (let done = 0; done < count; done += atOnce) {
      const some = Math.min(atOnce, count - done);
      await Promise.all(
        Array.from({ length: some }, (_, i) => askFrom(port, firstPort + done + i)),
      );
    }
    child.stdin.end();
    await ended;
    return parseTrace(readFileSync(trace, 'utf8'), folder, database);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Registers the host at the port that it asks from, so that the trace shows whose answer is whose. */
function askFrom(port: number, ownPort: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: ip, localPort: ownPort });
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.resume();
    socket.end(`alive n${ownPort} ${ownPort}\n`);
  });
}

/** What the cuts found. */
export interface Found {
  /** steps after which the power was cut, and files that were opened */
  cuts: number;
  images: number;
  answered: number;
  /** what was lost, in words; none: nothing was */
  losses: string[];
}

/** Cuts the power after every step. @param isSyncing see Disk */
export function cutEverywhere(
  steps: readonly Step[],
  isSyncing = true,
  there: Before | null = null,
): Found {
  // In memory, because every image is opened as a daemon does it, with its syncs.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ddns-cut-'));
  const disk = new Disk(isSyncing, new Map(there === null ? [] : [[database, there.bytes]]));
  const random = createRandom();
  const answered = new Set<string>(there?.addresses);
  const found: Found = { cuts: 0, images: 0, answered: 0, losses: [] };
  /** by remainder: the last image; one that is the same needs not be opened again */
  const before = new Map<Remainder, { image: Image; hosts: ReadonlySet<string> | string }>();
  try {
    for (const [index, step] of steps.entries()) {
      disk.apply(step);
      if (step.kind === 'answered') answered.add(step.address);
      found.cuts++;
      for (const remainder of remainders) {
        const image = disk.image(remainder, random);
        let hosts = [...before.values()].find((last) => isSame(last.image, image))?.hosts;
        if (hosts === undefined) {
          hosts = hostsOf(image, folder);
          found.images++;
        }
        before.set(remainder, { image, hosts });
        const where = `step ${index} (${step.kind}), ${remainder} of the rest`;
        if (typeof hosts === 'string') found.losses.push(`${where}: ${hosts}`);
        else {
          const known = hosts;
          const lost = [...answered].filter((address) => !known.has(address));
          if (lost.length > 0)
            found.losses.push(`${where}: ${lost.length} hosts, first ${lost[0]}`);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ...found, answered: answered.size };
}

function isSame(one: Image, other: Image): boolean {
  return (
    one.size === other.size &&
    [...one].every(([name, bytes]) => {
      const match = other.get(name);
      return match !== undefined && (match === bytes || match.equals(bytes));
    })
  );
}

/** The live hosts that a daemon finds in these files; a text: why it does not start. */
function hostsOf(image: Image, folder: string): ReadonlySet<string> | string {
  const place = mkdtempSync(join(folder, 'image-'));
  try {
    for (const [name, bytes] of image) writeFileSync(join(place, name), bytes);
    const store = new HostStore(join(place, database));
    try {
      const registry = loadRegistry(store, 20_000, Date.now(), silent);
      return new Set(recordsOf(registry, registry.live).map(({ address }) => address));
    } finally {
      store.close();
    }
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
