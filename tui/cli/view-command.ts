// `ddns-tui [view]`: the view on the screen of a terminal; printed once elsewhere, or when asked.
import { Option } from 'commander';
import type { IpcClient } from '../../shared/ipc/client.ts';
import { hostColumns } from '../../shared/ipc/contract.ts';
import { exitCodes } from '../../shared/program.ts';
import { versionLine } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { abilitiesOf } from '../abilities.ts';
import type { Opening } from '../console/console-state.ts';
import { type NamedSocket, namedSocket } from '../daemon/socket-path.ts';
import { type ThemeName, themeNames } from '../look.ts';
import { takesFilter, viewNames } from '../state/common-state.ts';
import { type CommandLine, positiveInteger } from './command-line.ts';
import { backlogJson, backlogPlain } from './plain/backlog.ts';
import { configJson, configPlain } from './plain/config.ts';
import { printFleet } from './plain/fleet.ts';
import { printHosts } from './plain/hosts.ts';
import { peersJson, peersPlain } from './plain/peers.ts';
import { redirectsJson, redirectsPlain } from './plain/redirects.ts';
import { statusJson, statusText } from './plain/status.ts';
import { serve } from './serve.ts';

/** `status` is the Overview, printed. */
const shown = [...viewNames, 'status'] as const;
type Shown = (typeof shown)[number];

interface ViewOptions {
  serve?: string;
  bell?: boolean;
  title?: boolean;
  theme?: ThemeName;
  filter: string;
  sort: (typeof hostColumns)[number];
  descending?: boolean;
  limit?: number;
}

export function addView(line: CommandLine): void {
  line.program
    .description('The console of a Dynamo-DNS name server.')
    .argument('[view]', `view to show: ${shown.join(', ')}`)
    .addOption(
      new Option(
        '--socket <path>',
        "path of the name server's socket (or set DDNS_SOCKET); several: NAME=PATH, once for each",
      ).argParser((text: string, before: NamedSocket[] = []) => [...before, namedSocket(text)]),
    )
    .option('--json', 'print JSON and exit')
    .option('--plain', 'print plain text and exit')
    .option('--read-only', 'disable everything that makes changes')
    .option('--utc', 'show times in UTC instead of the zone of this machine')
    .option('--bell', 'ring when an alarm begins')
    .option('--title', "name alarms in the title of the terminal's window")
    .addOption(
      new Option('--theme <name>', "colours for that background, or the terminal's own 16").choices(
        themeNames,
      ),
    )
    .option(
      '--serve <dir>',
      'start a name server with its data in <dir>, unless one is running there',
    )
    .option(
      '--filter <text>',
      'hosts, peers, redirects, backlog, log: only rows matching every word; !word excludes',
      '',
    )
    .addOption(
      new Option('--sort <column>', 'hosts: column to sort by')
        .choices(hostColumns)
        .default('address'),
    )
    .option('--descending', 'hosts: reverse the order')
    .option(
      '--limit <n>',
      'hosts, redirects, backlog, log: maximum number of rows',
      positiveInteger,
    )
    .version(versionLine)
    .addHelpText(
      'after',
      '\nOn a terminal the views fill the screen; otherwise they are printed once.\n' +
        'The console adapts to the terminal (TERM, LC_ALL or LANG, COLORFGBG, NO_COLOR, FORCE_COLOR);\n' +
        'with INK_SCREEN_READER=true it writes lines for a screen reader instead.\n' +
        'Exit codes: 0 ok, 2 usage, 69 name server unreachable, 78 configuration, 1 other errors.',
    )
    .exitOverride()
    .action(line.does((asked?: string) => openView(line, asked)));
}

/**
 * @param asked the word on the command line; without one it is the Overview
 * @param level of the log
 */
export async function openView(
  line: CommandLine,
  asked: string | undefined,
  level?: Opening['level'],
): Promise<number> {
  const { serve: folder } = line.options<ViewOptions>();
  const view = shown.find((name) => name === asked);
  if (asked !== undefined && view === undefined) {
    const commands = line.program.commands.map((each) => each.name()).join(', ');
    line.usageError(
      `unknown view ${JSON.stringify(asked)}; the views are ${shown.join(', ')}; the commands are ${commands}`,
    );
  }
  const { filter } = line.options<ViewOptions>();
  if (filter !== '' && !isFiltered(view))
    line.usageError(`--filter does not apply to ${view ?? 'overview'}`);
  const isOnce = isPrinted(line);
  const { hasScreen, isRead } = abilitiesOf(process.env, process.platform);
  if (!isOnce && !hasScreen && !isRead)
    line.usageError(
      `terminal type ${process.env.TERM} has no full screen; add --plain to print the view once`,
    );
  if (folder !== undefined) {
    return serve({
      folder,
      onScreen: isOnce ? null : (path) => show(line, [{ name: null, path }], view, level),
    });
  }
  const sockets = await line.sockets();
  if (!isOnce) return show(line, sockets, view, level);
  if (sockets.length > 1 && (view === undefined || view === 'status' || view === 'overview')) {
    return printFleet(sockets, line.options().json ?? false, line.output);
  }
  await line.withClient((client) => print(line, client, view));
  return exitCodes.ok;
}

function isFiltered(view: Shown | undefined): boolean {
  return view !== undefined && view !== 'status' && takesFilter(view);
}

/** Whether a view is printed, and not put on the screen. */
export function isPrinted(line: CommandLine): boolean {
  const { json = false, plain = false } = line.options();
  return json || plain || !process.stdout.isTTY || !process.stdin.isTTY;
}

async function show(
  line: CommandLine,
  sockets: readonly NamedSocket[],
  view: Shown | undefined,
  level: Opening['level'],
): Promise<number> {
  const { runFullScreen } = await import('../app/full-screen.ts');
  const options = line.options<ViewOptions>();
  const { readOnly = false, bell = false, title = false, theme } = options;
  const { filter } = options;
  const file = await line.file();
  const isSorted = line.program.getOptionValueSource('sort') !== 'default';
  const { by, descending } = (!isSorted && file.sort) || { by: options.sort, descending: false };
  const sort = { by, descending: options.descending ?? descending };
  return runFullScreen({
    sockets,
    startsInFleet: view === undefined && sockets.length > 1,
    view: view === undefined || view === 'status' ? 'overview' : view,
    readOnly,
    bell,
    title,
    isUtc: line.options().utc,
    theme,
    fileTheme: file.theme,
    columns: file.columns,
    problem: file.problems.length === 0 ? null : file.problems.join('; '),
    opening: { filter, sort, level },
    env: process.env,
  });
}

async function print(line: CommandLine, client: IpcClient, view: Shown | undefined): Promise<void> {
  const { zone } = line;
  const { json, output } = line.printing;
  const { filter, sort, descending = false, limit = null } = line.options<ViewOptions>();
  if (view === 'hosts')
    return printHosts(client, { filter, sort, descending, limit, json, zone }, output);
  const textOf = async () => {
    if (view === 'config') {
      const found = await client.config();
      return json ? configJson(found) : configPlain(found);
    }
    const status = await client.status();
    if (view === 'peers')
      return json ? peersJson(status, filter) : peersPlain(status, filter, wallNow(), zone);
    if (view === 'redirects') {
      const printed = { redirects: await client.redirects(), status, filter, limit, zone };
      return json ? redirectsJson(printed) : redirectsPlain(printed);
    }
    if (view === 'backlog') {
      const printed = { backlog: await client.backlog(), status, filter, limit };
      return json ? backlogJson(printed) : backlogPlain(printed);
    }
    return json ? statusJson(status) : statusText(status, wallNow(), zone);
  };
  await output.write(await textOf());
}
