// `ddnsd --check`: everything that can be found wrong before starting, and what would be done.
// Besides the files themselves it looks at this machine: is the Interface here, can the database
// and the socket be made where they should be. It changes nothing.
import { findSettings } from '../../shared/config/conf-file.ts';
import {
  findBindAddress,
  localInterfaces,
  type NetworkInterfaces,
} from '../../shared/config/interface-address.ts';
import type { Configuration } from '../../shared/config/load.ts';
import { ConfigurationError, type ConfigurationProblem } from '../../shared/config/problem.ts';
import { shownValue } from '../../shared/config/secret.ts';
import { formatSetting, type SettingKey, settingDefinition } from '../../shared/config/settings.ts';
import { printable } from '../../shared/output/printable.ts';
import { processesFor, threadsText, usableCores } from '../machine/cores.ts';
import { inspectFile, mayRead, serviceUser } from './file-places.ts';

/** A line's label is padded to this many characters. */
const labelWidth = 13;

/** Longest path or name shown whole. */
const maxShown = 4096;

/**
 * What a daemon with this configuration would do here, line by line.
 * @throws ConfigurationError with everything that would keep it from starting
 */
export async function describeStart(
  configuration: Configuration,
  interfaces: NetworkInterfaces = localInterfaces(),
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
    'message' in place || place.folder === 'there' ? '' : ' (its folder would be made)';
  const lines: [label: string, text: string][] = [
    ['startup file', startupFile ?? 'none, ddns.conf was named directly'],
    ['settings', confFile],
    ['listens on', `${address}:${settings.port}, ${family}, TCP`],
    ['backlog', `${settings.backlog} connections`],
    ['threads', threadsText(settings.threads, processesFor(settings.threads, cores), cores)],
    ['TTL', formatSetting(settings, 'ttlMs')],
    ['hosts', `at most ${settings.maxHosts}`],
    ['database', settings.database + made(database)],
    ['socket', settings.socket + made(socket)],
    ['secret', describeSecret(settings)],
    ['log level', settings.logLevel],
    ...warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  return lines.map(([label, text]) => label.padEnd(labelWidth) + printable(text, maxShown));
}

/** What root may read and the user of the service may not. */
function unreadableFiles(configuration: Configuration): ConfigurationProblem[] {
  const { settings, confFile, startupFile } = configuration;
  const user = serviceUser(settings.database);
  if (user === null) return [];
  const messageOf = (file: string) =>
    `${file} may not be read by the user ${user.name}, whom ddnsd runs as (the database is its own); chown ${user.name} ${file}, and see who may enter the folders above it (namei -l ${file})`;
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
  if (secret === null) return 'none, name servers talk in the clear';
  return secretFile === null ? 'set' : `set, from ${secretFile}`;
}

/** A problem with a setting, at its line in ddns.conf, or without a line when it is a default. */
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
  return { file: confFile, line: null, name, value, message: `the default; ${message}` };
}
