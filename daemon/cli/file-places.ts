// Checks for `ddnsd --check` whether the daemon could create or write a file; a start creates missing folders. The
// rights are those of the user who runs the check. For root it also finds the user of the service.

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { userName } from '../../shared/file-rights.ts';

/** Whether the folder of a file exists, or would be created by a start. */
export type FolderState = 'there' | 'would be made';

/**
 * File systems of the kernel by their statfs type (linux/magic.h): root has the right to write there, but no file
 * can be created.
 */
const kernelFiles = new Map([
  [0x9fa0, 'proc'],
  [0x62656572, 'sysfs'],
  [0x63677270, 'cgroup2'],
  [0x27e0eb, 'cgroup'],
  [0x1cd1, 'devpts'],
  [0x64626720, 'debugfs'],
  [0x74726163, 'tracefs'],
  [0x73636673, 'securityfs'],
  [0xcafe4a11, 'bpf'],
]);

/**
 * Checks whether `file` could be created or written.
 * @returns the state of its folder, or a message that says what prevents it
 */
export async function inspectFile(
  file: string,
): Promise<{ folder: FolderState } | { message: string }> {
  const there = await stat(file).catch(unlessMissing);
  if (there?.isDirectory()) return { message: `${file} is a folder; name a file inside it` };
  if (there && !there.isFile() && !there.isSocket())
    return { message: `${file} is a device or a pipe; name a regular file` };
  // A stale socket is replaced, so only a regular file must be writable.
  if (there?.isFile() && !(await isAllowed(file, constants.R_OK | constants.W_OK)))
    return {
      message: `${file} is not readable and writable by this user (${userName()}); change its owner (chown), or name another file`,
    };
  return inspectFolder(dirname(file));
}

async function inspectFolder(
  folder: string,
): Promise<{ folder: FolderState } | { message: string }> {
  let nearest = folder;
  let there = await stat(nearest).catch(unlessMissing);
  while (there === null && dirname(nearest) !== nearest) {
    nearest = dirname(nearest);
    there = await stat(nearest).catch(unlessMissing);
  }
  const command = `sudo install -d -m 750 -o ${userName()} ${folder}`;
  if (there !== null && !there.isDirectory())
    return { message: `${nearest} is not a folder; name another path` };
  const { type } = await statfs(nearest).catch(() => ({ type: 0 }));
  const kind = kernelFiles.get(type);
  if (kind !== undefined)
    return {
      message: `${nearest} is in ${kind}, a file system of the kernel, where no file can be created; name another path`,
    };
  if (there !== null && (await isAllowed(nearest, constants.W_OK | constants.X_OK)))
    return { folder: nearest === folder ? 'there' : 'would be made' };
  if (nearest === folder)
    return {
      message: `${folder} is not writable by this user (${userName()}); change its owner (chown), or name another path`,
    };
  return {
    message: `the folder ${folder} does not exist and this user (${userName()}) may not create it; create it with: ${command}   (the systemd service creates its own when it starts)`,
  };
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** A file that may not be looked at counts as missing: the folder above decides. */
function unlessMissing(error: NodeJS.ErrnoException): null {
  if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(error.code ?? '')) return null;
  throw error;
}

/** The user of the systemd service. */
const serviceName = 'ddnsd';

/** The user that ddnsd runs as. */
export interface ServiceUser {
  name: string;
  uid: number;
  /** the primary group first */
  gids: number[];
}

/**
 * The owner of the database or of its folder; the user of the systemd service when neither exists, or for null.
 * @returns null when that is root, this process is not root, or the user is unknown
 */
export function serviceUser(database: string | null): ServiceUser | null {
  if (process.getuid?.() !== 0) return null;
  const places = database === null ? [] : [database, dirname(database)];
  const found = places.map((path) => statSync(path, { throwIfNoEntry: false }));
  const owner = found.find((each) => each !== undefined);
  const users = fieldsOf('/etc/passwd');
  const [name, , id, gid] =
    users.find(([name, , id]) => (owner ? Number(id) === owner.uid : name === serviceName)) ?? [];
  const uid = owner?.uid ?? Number(id);
  if (!(uid > 0)) return null;
  const others = fieldsOf('/etc/group').filter(([, , , members]) =>
    members?.split(',').includes(name ?? ''),
  );
  const gids = [Number(gid ?? owner?.gid), ...others.map(([, , id]) => Number(id))];
  return { name: name ?? String(uid), uid, gids };
}

/** Whether the user may read `file`, by a test run as that user. True when the test cannot run. */
export function mayRead({ uid, gids }: ServiceUser, file: string): boolean {
  return gids.some((gid) => spawnSync('test', ['-r', file], { uid, gid, cwd: '/' }).status !== 1);
}

/** The fields of each line of a file like /etc/passwd; none if it is missing. */
function fieldsOf(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
