// Where the configuration is: the default places of each operating system, which of several ways to name it
// wins, and how relative paths are resolved. Pure: the platform comes in.
import { posix, win32 } from 'node:path';

/** The file to begin with: the startup file, which names ddns.conf, or ddns.conf itself. */
export interface ConfigurationSource {
  kind: 'startup' | 'conf';
  file: string;
  /** whether no option named it: the platform's default, or DDNS_STARTUP */
  standard?: boolean;
}

/** Environment variable that names the startup file. */
export const startupVariable = 'DDNS_STARTUP';

/** The startup file if nothing else is said. */
export function defaultStartupFile(platform: NodeJS.Platform): string {
  return platform === 'win32'
    ? 'C:\\dynamo\\ddns\\startup\\startup.dycfg'
    : '/etc/dynamo/DDNS/startup.dycfg';
}

/** Where `--init` writes ddns.conf if nothing else is said. */
export function defaultConfFile(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'C:\\dynamo\\ddns\\ddns.conf' : '/etc/dynamo/DDNS/ddns.conf';
}

/**
 * The source to load, strongest first: `--conf`, `--startup`, DDNS_STARTUP, the platform's default.
 * An empty variable counts as unset.
 */
export function chooseSource(
  options: { conf?: string; startup?: string },
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): ConfigurationSource {
  if (options.conf !== undefined) return { kind: 'conf', file: options.conf };
  if (options.startup !== undefined) return { kind: 'startup', file: options.startup };
  const file = env[startupVariable] || defaultStartupFile(platform);
  return { kind: 'startup', file, standard: true };
}

/** The command that writes the missing files of `source`. */
export function initCommand(source: ConfigurationSource): string {
  return `ddnsd --init${sourceOption(source)}`;
}

/** The command that checks the configuration of `source`. */
export function checkCommand(source: ConfigurationSource): string {
  return `ddnsd --check${sourceOption(source)}`;
}

function sourceOption({ kind, file, standard }: ConfigurationSource): string {
  if (standard) return '';
  return ` --${kind} ${/\s/.test(file) ? `'${file}'` : file}`;
}

/** `path` as an absolute path; a relative one is relative to the folder of `file`. */
export function resolveBeside(file: string, path: string, platform: NodeJS.Platform): string {
  const { dirname, isAbsolute, resolve } = platform === 'win32' ? win32 : posix;
  // An absolute path keeps its spelling: resolving \\.\pipe\NAME would treat it as a folder.
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

/** Most bytes of a Unix socket's path: sockaddr_un.sun_path without the closing NUL. */
export function maxSocketPathBytes(platform: NodeJS.Platform): number {
  return platform === 'linux' ? 107 : 103;
}

/** Why the absolute `path` cannot be the daemon's socket; null if it can. */
export function socketPathMistake(path: string, platform: NodeJS.Platform): string | null {
  if (platform === 'win32')
    return /^\\\\[.?]\\pipe\\[^\\]+$/.test(path) ? null : 'must be a named pipe, \\\\.\\pipe\\NAME';
  const bytes = Buffer.byteLength(path);
  const limit = maxSocketPathBytes(platform);
  if (bytes <= limit) return null;
  return `the socket path ${path} has ${bytes} bytes, but a Unix socket path has at most ${limit}; use a shorter folder, for example Socket=/run/ddnsd/ddnsd.sock`;
}
