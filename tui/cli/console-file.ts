// The console's own settings: `ddns-tui/config` in the operator's folder for settings, in the format of ddns.conf.
// A mistake in it is said, with its line and what is allowed, and the rest of the file holds: a wrong colour must not keep
// an operator from a name server. Only a wrong socket does, because another one might be changed in its place.
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  decodeConf,
  maxConfFileBytes,
  parseConf,
  tooLarge,
} from '../../shared/config/conf-file.ts';
import { readRegularFile } from '../../shared/config/read-file.ts';
import { type HostColumn, hostColumns } from '../../shared/ipc/contract.ts';
import { type NamedSocket, namedSocket } from '../daemon/socket-path.ts';
import { type ThemeName, themeNames } from '../look.ts';
import { type ColumnChoice, columnNames, type TableName } from '../text/column-names.ts';
import { safe } from '../text/columns.ts';
import { type ServerColour, serverColours } from '../theme.ts';

export interface ConsoleFile {
  theme?: ThemeName;
  /** of Hosts */
  sort?: { by: HostColumn; descending: boolean };
  columns: ColumnChoice;
  /** of name servers, by name */
  colours: ReadonlyMap<string, ServerColour>;
  sockets: readonly NamedSocket[];
  /** what is wrong, in words for the operator; the other lines hold */
  problems: readonly string[];
  /** the problems that are about sockets */
  socketProblems: readonly string[];
}

const tables = Object.keys(columnNames) as TableName[];
const settings = [
  'Theme',
  'Sort.hosts',
  ...tables.map((table) => `Columns.${table}`),
  'Socket.NAME',
  'Colour.NAME',
];
const socketPrefix = 'socket.';
const colourPrefix = 'colour.';

/** Where the file is; null: nowhere. A relative XDG_CONFIG_HOME does not count (XDG Base Directory Specification). */
export function consoleFilePath(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  homeOfUser = homedir,
): string | null {
  if (platform === 'win32' && env.APPDATA) return join(env.APPDATA, 'ddns-tui', 'config');
  const given = env.XDG_CONFIG_HOME ?? '';
  try {
    const folder = given.startsWith('/') ? given : join(env.HOME || homeOfUser(), '.config');
    return join(folder, 'ddns-tui', 'config');
  } catch {
    // A user whom the system does not list, such as a container's, has no home.
    return null;
  }
}

/** Reads the file; without one, nothing is set. A file that cannot be read is a problem. */
export async function readConsoleFile(
  file: string | null,
  given: readonly NamedSocket[] = [],
): Promise<ConsoleFile> {
  if (file === null) return parseConsoleFile(Buffer.alloc(0), '', given);
  try {
    // Most operators have none, and what reads it takes a while to load.
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return ignored(file, null);
    const read = await readRegularFile(file, maxConfFileBytes);
    if (read === null) return ignored(file, 'it is not a regular file');
    if (read.size > maxConfFileBytes) return ignored(file, `it ${tooLarge(read.size).message}`);
    return parseConsoleFile(read.bytes, file, given);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return ignored(file, code === 'ENOENT' || code === 'ENOTDIR' ? null : message);
  }
}

/** @param why null: there is none */
function ignored(file: string, why: string | null): ConsoleFile {
  const problems = why === null ? [] : [`${file} cannot be read, and is ignored: ${why}`];
  return { columns: {}, colours: new Map(), sockets: [], problems, socketProblems: [] };
}

/**
 * @param file its path, for the problems
 * @param given name servers that it need not have
 */
export function parseConsoleFile(
  bytes: Uint8Array,
  file: string,
  given: readonly NamedSocket[] = [],
): ConsoleFile {
  const found: { theme?: ThemeName; sort?: ConsoleFile['sort'] } = {};
  const columns: { [Table in TableName]?: readonly string[] } = {};
  const sockets: NamedSocket[] = [];
  /** of a name server that a later line may name */
  const colours: { name: string; colour: ServerColour; text: string }[] = [];
  const socketProblems: string[] = [];
  const decoded = decodeConf(bytes);
  const problems = decoded.problems.map(({ line, message }) =>
    line === null ? `${file} ${message}` : `${file}:${line}: ${message}`,
  );
  for (const [index, line] of parseConf(decoded.text).lines.entries()) {
    const place = `${file}:${index + 1}:`;
    if (line.kind === 'malformed') problems.push(`${place} ${line.message}`);
    if (line.kind !== 'setting') continue;
    const { name, value } = line;
    const text = `${place} ${safe(name, 64)}=${safe(value, 64)}:`;
    const setting = name.toLowerCase();
    if (setting === 'theme') {
      found.theme = themeNames.find((each) => each === value.toLowerCase()) ?? found.theme;
      if (found.theme !== value.toLowerCase())
        problems.push(`${text} use ${themeNames.join(', ')}`);
    } else if (setting === 'sort.hosts') {
      const sort = sortOf(value);
      if (sort) found.sort = sort;
      else problems.push(`${text} use ${hostColumns.join(', ')}, if you like with "descending"`);
    } else if (tableOf(setting) !== undefined) {
      const table = tableOf(setting) as TableName;
      const chosen = columnsOfTable(table, value);
      if (typeof chosen === 'string') problems.push(`${text} ${chosen}`);
      else columns[table] = chosen;
    } else if (setting.startsWith(socketPrefix)) {
      const socket = namedSocket(`${name.slice(socketPrefix.length)}=${value}`);
      const problem = socketProblem(socket, sockets);
      if (problem === null) sockets.push(socket);
      else socketProblems.push(`${text} ${problem}`);
    } else if (setting.startsWith(colourPrefix)) {
      const colour = serverColours.find((each) => each === value.toLowerCase());
      if (colour === undefined) problems.push(`${text} use ${serverColours.join(', ')}`);
      else colours.push({ name: name.slice(colourPrefix.length), colour, text });
    } else problems.push(`${text} there is no such setting; there are ${settings.join(', ')}`);
  }
  const names = [...sockets, ...given].flatMap(({ name }) => name ?? []);
  for (const { name, text } of colours)
    if (!names.includes(name))
      problems.push(
        `${text} no name server has that name; ${names.length === 0 ? 'Socket.NAME=PATH names one' : `there are ${names.join(', ')}`}`,
      );
  return {
    ...found,
    colours: new Map(colours.map(({ name, colour }) => [name, colour])),
    columns: columns as ColumnChoice,
    sockets,
    problems: [...problems, ...socketProblems],
    socketProblems,
  };
}

function tableOf(setting: string): TableName | undefined {
  return tables.find((table) => setting === `columns.${table}`);
}

/** The columns that `value` names, in any case, between blanks or commas; or what is wrong with it. */
function columnsOfTable(table: TableName, value: string): readonly string[] | string {
  const all: readonly string[] = columnNames[table];
  const typed = value.split(/[\s,]+/).filter((word) => word !== '');
  const chosen = typed.map((word) => all.find((name) => name.toLowerCase() === word.toLowerCase()));
  const list = `the columns of ${table} are ${all.join(', ')}`;
  const wrong = chosen.indexOf(undefined);
  if (wrong >= 0) return `there is no column ${safe(typed[wrong] ?? '', 64)}; ${list}`;
  const twice = chosen.find((name, index) => chosen.indexOf(name) < index);
  if (twice !== undefined) return `${twice} is there twice`;
  return chosen.length === 0 ? `names no column; ${list}` : chosen.flatMap((name) => name ?? []);
}

function sortOf(value: string): ConsoleFile['sort'] | null {
  const [column = '', order, ...rest] = value.toLowerCase().split(/\s+/);
  const by = hostColumns.find((each) => each.toLowerCase() === column);
  if (by === undefined || rest.length > 0) return null;
  if (order !== undefined && order !== 'descending' && order !== 'ascending') return null;
  return { by, descending: order === 'descending' };
}

function socketProblem({ name, path }: NamedSocket, known: readonly NamedSocket[]): string | null {
  if (name === null) return 'a name has at most 32 letters, digits, dots, hyphens and underscores';
  if (path === '') return 'has no path';
  return known.some((each) => each.name === name) ? 'that name is taken; give each its own' : null;
}
