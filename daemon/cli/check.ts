// `ddnsd --check`: verifies the configuration, and prints what a start would do. Besides the files, it checks this
// machine: whether it has the Interface, and whether database and socket can be created. It changes nothing.
import { findSettings } from '../../shared/config/conf-file.ts';
import { findBindAddress, localInterfaces } from '../../shared/config/interface-address.ts';
import type { Configuration } from '../../shared/config/load.ts';
import { ConfigurationError, type ConfigurationProblem } from '../../shared/config/problem.ts';
import { shownValue } from '../../shared/config/secret.ts';
import { formatSetting, type SettingKey, settingDefinition } from '../../shared/config/settings.ts';
import { printable } from '../../shared/output/printable.ts';
import type { NetworkInterfaces } from '../../shared/own-interfaces.ts';
import { processesFor, threadsText, usableCores } from '../machine/cores.ts';
import { inspectFile, mayRead, serviceUser } from './file-places.ts';

/** Width of the labels, in characters. */
const labelWidth = 13;

/** Characters shown of a path or name. */
const maxShown = 4096;

/**
 * Describes what a daemon with this configuration would do on this machine, line by line.
 * @throws ConfigurationError with everything that would prevent a start
 */
export async function describeStart(
  configuration: Configuration,
  interfaces: NetworkInterfaces | null = localInterfaces(),
): Promise<string[]> {
  const { settings, confFile, startupFile, warnings } = configuration;
  const bind = findBindAddress(settings, interfaces);
  const database = await inspectFile(settings.database);
  // A named pipe on Windows needs no folder.
  const socket =
    process.platform === 'win32'
      ? { folder: 'there' as const }
      : await inspectFile(settings.socket);
  const problems: ConfigurationProblem[] = [];
  if ('message' in bind) problems.push(problemWith(configuration, 'interface', bind.message));
  if ('message' in database)
    problems.push(problemWith(configuration, 'database', database.message));
  if ('message' in socket) problems.push(problemWith(configuration, 'socket', socket.message));
  problems.push(...unreadableFiles(configuration));
  if ('message' in bind || problems.length > 0) throw new ConfigurationError(problems);
  const family = settings.domain === 2 ? 'IPv4' : 'IPv6';
  const address = settings.domain === 2 ? bind.address : `[${bind.address}]`;
  const cores = usableCores();
  const made = (place: Awaited<ReturnType<typeof inspectFile>>) =>
    'message' in place || place.folder === 'there' ? '' : ' (its folder will be created)';
  const lines: [label: string, text: string][] = [
    ['startup file', startupFile ?? 'none, ddns.conf is named directly'],
    ['settings', confFile],
    ['listens on', `${address}:${settings.port}, ${family}, TCP`],
    ['backlog', `${settings.backlog} connections`],
    ['threads', threadsText(settings.threads, processesFor(settings.threads, cores), cores)],
    ['TTL', formatSetting(settings, 'ttlMs')],
    ['hosts', `${settings.maxHosts} at most`],
    ['database', settings.database + made(database)],
    ['socket', settings.socket + made(socket)],
    ['secret', describeSecret(settings)],
    ['metrics', formatSetting(settings, 'metrics')],
    ['log level', settings.logLevel],
    ...warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  return lines.map(([label, text]) => label.padEnd(labelWidth) + printable(text, maxShown));
}

/** Files that root may read and the user of the service may not. */
function unreadableFiles(configuration: Configuration): ConfigurationProblem[] {
  const { settings, confFile, startupFile } = configuration;
  const user = serviceUser(settings.database);
  if (user === null) return [];
  const messageOf = (file: string) =>
    `${file} is not readable by ${user.name}, the owner of the database and so the user of ddnsd; run chown ${user.name} ${file}, and check the folders above it (namei -l ${file})`;
  const problems = [startupFile, confFile]
    .filter((file) => file !== null && !mayRead(user, file))
    .map((file) => file as string)
    .map((file) => ({ file, line: null, name: null, value: null, message: messageOf(file) }));
  const { secretFile } = settings;
  return secretFile === null || mayRead(user, secretFile)
    ? problems
    : [...problems, problemWith(configuration, 'secretFile', messageOf(secretFile))];
}

function describeSecret({ secret, secretFile }: Configuration['settings']): string {
  if (secret === null) return 'none: replication is not encrypted';
  return secretFile === null ? 'set' : `set, from ${secretFile}`;
}

/** A problem with a setting: at its line in ddns.conf, or without a line for a default. */
export function problemWith(
  { confFile, document, settings }: Configuration,
  key: SettingKey,
  message: string,
): ConfigurationProblem {
  const { name } = settingDefinition(key);
  const [found] = findSettings(document, name);
  if (found) {
    const { line, setting } = found;
    return {
      file: confFile,
      line,
      name: setting.name,
      value: shownValue(setting.name, setting.value),
      message,
    };
  }
  const value = formatSetting(settings, key);
  return { file: confFile, line: null, name, value, message: `default value; ${message}` };
}
