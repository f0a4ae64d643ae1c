// `ddnsd --restore FILE`: replaces the registry by a backup, while no daemon uses it. With `--check` it only reads the
// backup, also while the daemon runs.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../shared/config/load.ts';
import { connectIpc, UnreachableError } from '../../shared/ipc/client.ts';
import { version } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { lockHolder } from '../machine/lock-holder.ts';
import { DatabaseLock, lockFile } from '../store/database-lock.ts';
import {
  type BackupContents,
  closeFormer,
  placeOf,
  prepareBackup,
  removeCopy,
  replaceDatabase,
} from '../store/restore.ts';
import { StoreError } from '../store/store-error.ts';

/** Width of the labels, in characters. */
const labelWidth = 13;

type Settings = Configuration['settings'];

/** Checks the backup `file`. @returns lines for the operator @throws Error for the operator */
export function checkBackup(file: string, settings: Settings): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ddnsd-restore-'));
  try {
    const contents = prepare(file, join(folder, 'hosts.db'), settings);
    return [...describe(file, contents), 'Backup OK.'];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Replaces the registry by the backup `file`. @returns lines for the operator @throws Error for the operator */
export async function restoreBackup(file: string, settings: Settings): Promise<string[]> {
  await refuseWhileRunning(settings.socket);
  const place = placeOf(settings.database);
  const copy = `${place}.restoring-${process.pid}`;
  try {
    const contents = prepare(file, copy, settings);
    const kept = replaceFormer(copy, place);
    return [
      ...describe(file, contents),
      labelled('restored to', place),
      ...(kept === null ? [] : [labelled('former one', `kept as ${kept}`)]),
      'It begins a new epoch: nodes and peers get everything once, and peers send what is newer. Start ddnsd now.',
    ];
  } catch (error) {
    throw (error as { code?: unknown }).code === 'store-locked' ? inUse(place) : error;
  } finally {
    removeCopy(copy);
  }
}

async function refuseWhileRunning(socket: string): Promise<void> {
  try {
    const client = await connectIpc(socket, { name: 'ddnsd', version });
    client.close();
    throw new Error(
      `ddnsd runs on ${socket} (process ${client.server.pid}): stop it first, with systemctl stop ddnsd or kill ${client.server.pid}, then restore`,
    );
  } catch (error) {
    // Whatever holds the socket otherwise may be a daemon.
    if (!(error instanceof UnreachableError) || error.code !== 'not-running') throw error;
  }
}

/** @returns the name under which the former one is kept @throws StoreError with code `store-locked` if it is in use */
function replaceFormer(copy: string, place: string): string | null {
  const lock = new DatabaseLock(place);
  try {
    closeFormer(place);
    return replaceDatabase(copy, place);
  } finally {
    lock.release();
  }
}

function inUse(place: string): Error {
  const pid = lockHolder(lockFile(place)) ?? lockHolder(place);
  return new Error(
    pid === null
      ? `${place} is in use: stop the process that uses it (fuser ${place} names it), then restore`
      : `${place} is in use by process ${pid}: stop it first (kill ${pid}), then restore`,
  );
}

/** @throws Error that names the backup, and says that nothing was changed */
function prepare(file: string, copy: string, { maxHosts }: Settings): BackupContents {
  const nothing = 'nothing was changed';
  const there = statSync(file, { throwIfNoEntry: false });
  if (!there?.isFile())
    throw new Error(
      `${file} is ${there === undefined ? 'missing' : 'no file'}: name a backup that ddns-tui backup wrote`,
    );
  try {
    return prepareBackup(file, copy, { maxHosts, now: wallNow() });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { code, message, finding } = error;
    const nexts: Partial<Record<StoreError['code'], string>> = {
      'store-corrupt': `${finding}: take another backup; ${nothing}`,
      'store-newer': `${finding}: install the newer ddnsd that wrote it, or take an older backup; ${nothing}`,
    };
    throw new Error((nexts[code] ?? `${message}; ${nothing}`).replaceAll(copy, file), {
      cause: error,
    });
  }
}

function describe(file: string, { serverId, live, gone, latest }: BackupContents): string[] {
  return [
    labelled('backup', file),
    labelled('name server', serverId),
    labelled('hosts', `${live}, and ${gone} deleted ones`),
    labelled('latest time', latest === 0 ? 'none' : new Date(latest).toISOString()),
  ];
}

function labelled(label: string, text: string): string {
  return label.padEnd(labelWidth) + text;
}
