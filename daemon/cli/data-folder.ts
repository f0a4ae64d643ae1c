// `ddnsd --data DIR`: a name server with all its files in one folder, listening on loopback unless the environment
// says otherwise, as in a container. Missing configuration files are created, existing ones are used as they are.
// Their paths are relative, so the folder can be moved.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { confTemplate, startupTemplate } from '../../shared/config/conf-template.ts';
import { givenSettings, ignoredVariables } from '../../shared/config/given-settings.ts';
import { type ConfigurationSource, socketPathMistake } from '../../shared/config/paths.ts';
import { ConfigurationError } from '../../shared/config/problem.ts';
import { createFileAtomically, privateMode } from '../../shared/config/write-file.ts';
import { makeFolders } from '../../shared/make-folders.ts';
import { inspectFile } from './file-places.ts';

const startupName = 'startup.dycfg';
const confName = 'ddns.conf';
const socketName = 'ddnsd.sock';

/** For the owner alone: the folder holds the registry and the socket. */
const folderMode = 0o700;

/** The configuration in `folder`, which need not exist yet. */
export function dataFolderSource(folder: string): ConfigurationSource {
  return { kind: 'startup', file: join(resolve(folder), startupName) };
}

/** The folder, ready for a start. */
export interface DataFolder {
  source: ConfigurationSource;
  /** settings of the environment that an existing ddns.conf has otherwise; for people */
  warnings: readonly string[];
}

/**
 * Creates the folder and its missing files, ddns.conf with the settings in `env`.
 * @throws ConfigurationError when the path is too long for a socket, before anything is created, or this user may not
 *   write there; otherwise the error of the failed system call
 */
export async function prepareDataFolder(
  folder: string,
  env: NodeJS.ProcessEnv = {},
  platform: NodeJS.Platform = process.platform,
): Promise<DataFolder> {
  const path = resolve(folder);
  const socket = platform === 'win32' ? pipeName(path) : join(path, socketName);
  const mistake = socketPathMistake(socket, platform);
  if (mistake !== null)
    throw new ConfigurationError([
      { file: path, line: null, name: null, value: null, message: mistake },
    ]);
  const confFile = join(path, confName);
  const given = givenSettings([], env, { file: confFile, platform });
  const conf = confTemplate(
    {
      port: '4524',
      interface: '127.0.0.1',
      database: 'hosts.db',
      socket: platform === 'win32' ? socket : socketName,
      ...given,
    },
    platform,
  );
  const mode = given.secret === undefined ? undefined : privateMode;
  const startup = startupTemplate(confName, platform);
  try {
    makeFolders(path, folderMode);
    await createFileAtomically(confFile, conf, mode).catch(unlessThere);
    await createFileAtomically(join(path, startupName), startup).catch(unlessThere);
  } catch (error) {
    throw await explained(error as NodeJS.ErrnoException, confFile);
  }
  const warnings = ignoredVariables(env, confFile, await readFile(confFile, 'utf8'));
  return { source: dataFolderSource(folder), warnings };
}

/** Says who may not write where, as in a container whose volume belongs to root. */
async function explained(error: NodeJS.ErrnoException, file: string): Promise<Error> {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) return error;
  const place = await inspectFile(file);
  if (!('message' in place)) return error;
  const { message } = place;
  return new ConfigurationError([
    { file: dirname(file), line: null, name: null, value: null, message },
  ]);
}

/** Pipe names have no folders, so a hash of the path becomes part of the name. */
function pipeName(path: string): string {
  return `\\\\.\\pipe\\ddnsd-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
