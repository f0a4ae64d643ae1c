// Whom the daemon runs as, when root checks a configuration for it: root may read everything, the
// daemon may not.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

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
