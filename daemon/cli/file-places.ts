// Whether the daemon could put a file where the configuration says; it makes missing folders when it
// starts. For `ddnsd --check`, which changes nothing. The rights are those of the user who asks: who
// checks should be who runs.

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { access, constants, stat, statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

export type FolderState = 'there' | 'would be made';

/**
 * What the kernel shows as files, by the type that statfs tells (linux/magic.h): root may write there as
 * far as the rights go, and no file can be made.
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
 * Whether `file` could be created or written.
 * @returns the state of its folder, or what is wrong with the file or the folder
 */
export async function inspectFile(
  file: string,
): Promise<{ folder: FolderState } | { message: string }> {
  const there = await stat(file).catch(unlessMissing);
  if (there?.isDirectory()) return { message: `${file} is a folder; name a file in it` };
  if (there && !there.isFile() && !there.isSocket())
    return { message: `${file} is a device or a pipe; name a file` };
  // A socket left behind is replaced, so just a regular file has to be writable.
  if (there?.isFile() && !(await isAllowed(file, constants.R_OK | constants.W_OK)))
    return { message: `${file} may not be read and written by this user (${whoAmI()})` };
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
  const command = `sudo install -d -m 750 -o ${whoAmI()} ${folder}`;
  if (there !== null && !there.isDirectory())
    return { message: `${nearest} is not a folder; name another place` };
  const { type } = await statfs(nearest).catch(() => ({ type: 0 }));
  const kind = kernelFiles.get(type);
  if (kind !== undefined)
    return {
      message: `${nearest} is in ${kind}, a file system of the kernel, where no file can be made; name another place`,
    };
  if (there !== null && (await isAllowed(nearest, constants.W_OK | constants.X_OK)))
    return { folder: nearest === folder ? 'there' : 'would be made' };
  if (nearest === folder)
    return {
      message: `${folder} may not be written by this user (${whoAmI()}); give the right to, or name another place`,
    };
  return {
    message: `the folder ${folder} does not exist and this user (${whoAmI()}) may not make it; make it with: ${command}   (the systemd service makes its own when it starts)`,
  };
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** Not allowed to look counts as not there: what matters then is the folder above. */
function unlessMissing(error: NodeJS.ErrnoException): null {
  if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(error.code ?? '')) return null;
  throw error;
}

function whoAmI(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in /etc/passwd, as in some containers.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** The user of the systemd service. */
const serviceName = 'ddnsd';

export interface ServiceUser {
  name: string;
  uid: number;
  /** its groups, the first one first */
  gids: number[];
}

/**
 * The owner of the database or of its folder; the service's user when neither is there yet.
 * @returns null when it is root, who asks, or nobody can be told
 */
export function serviceUser(database: string): ServiceUser | null {
  if (process.getuid?.() !== 0) return null;
  const found = [database, dirname(database)].map((path) =>
    statSync(path, { throwIfNoEntry: false }),
  );
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

/** Whether the user may read `file`: the system is asked, as that user. True when it cannot be. */
export function mayRead({ uid, gids }: ServiceUser, file: string): boolean {
  return gids.some((gid) => spawnSync('test', ['-r', file], { uid, gid, cwd: '/' }).status !== 1);
}

/** The fields of each line of a file like /etc/passwd; none when there is no such file. */
function fieldsOf(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
