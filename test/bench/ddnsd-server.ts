// ddnsd under measurement: a data folder seeded with hosts, and a build of the daemon to run over it.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../fixture/free-port.ts';
import { keptFolder } from './kept.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';
import { profileFlags } from './profile.ts';
import { seedRegistry } from './seed-registry.ts';

/** A `ddnsd.js`, the Node that runs it, and what it is called in the tables. */
export interface Build {
  name: string;
  file: string;
  node: string;
}

export const ownBuild: Build = {
  name: 'ddnsd',
  file: new URL('../../dist/ddnsd.js', import.meta.url).pathname,
  node: process.execPath,
};

export interface DdnsdOptions {
  build: Build;
  /** made by `seededFolder`; two builds may change it differently, so each has its own */
  folder: string;
  threads?: number;
  /** may use every core, also with one thread */
  isSpread?: boolean;
}

/** A million, and room for what is registered besides. */
const maxHosts = 1_100_000;

/** Every load comes from one address. */
const ofOneSource = `HostsPerSource=${maxHosts}`;

/**
 * A data folder for a build, with so many hosts, `ofLoad` of them the load's. The daemon has run over it
 * once: what it does to an older file is done.
 */
export async function seededFolder(build: Build, hosts: number, ofLoad = 0): Promise<string> {
  const folder = keptFolder();
  seedRegistry(join(folder, 'hosts.db'), { hosts, ofLoad });
  const server = await startDdnsd({ build, folder });
  await server.stop();
  return folder;
}

export async function startDdnsd(options: DdnsdOptions): Promise<MeasuredServer> {
  const { build, folder, threads = 1, isSpread = threads > 1 } = options;
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  const lines = [
    'Interface=127.0.0.1',
    `Port=${port}`,
    `Threads=${threads}`,
    `MaxHosts=${maxHosts}`,
    'Database=hosts.db',
    'Socket=s.sock',
    'LogLevel=info',
  ];
  writeConf(conf, [...lines, ofOneSource]);
  if (!knowsShares(build, conf)) writeConf(conf, lines);
  // As many workers as it says, on whatever machine.
  process.env.DDNS_CORES = String(threads + 1);
  const command = [build.node, ...profileFlags(), build.file, '--conf', conf];
  return startMeasured({ command, port, folder, isSpread });
}

function writeConf(file: string, lines: readonly string[]): void {
  writeFileSync(file, `${lines.join('\n')}\n`);
}

const known = new Map<string, boolean>();

/** Whether the build accepts `ofOneSource` in `conf`: a build from before there were shares refuses it. */
function knowsShares({ node, file }: Build, conf: string): boolean {
  let knows = known.get(file);
  if (knows === undefined) {
    knows = spawnSync(node, [file, '--check', '--conf', conf]).status === 0;
    known.set(file, knows);
  }
  return knows;
}
