// Manual pages in the man(7) macros, from the help of the programs, the settings and the keys.
import { settingDefinitions } from '../../shared/config/settings.ts';
import { bindings } from '../../tui/console/bindings.ts';
import { keyGroups } from '../../tui/keys/binding.ts';
import type { Entry, ProgramHelp } from './program-help.ts';

/** What all pages have at their edges. */
export interface Edition {
  version: string;
  /** YYYY-MM-DD */
  date: string;
}

/** What `--help` does not say, by program. */
const more: Record<string, { files?: [file: string, text: string][]; seeAlso: string[] }> = {
  ddnsd: {
    files: [
      ['/etc/dynamo/DDNS/startup.dycfg', 'names ddns.conf'],
      ['/etc/dynamo/DDNS/ddns.conf', 'the settings, see ddns.conf(5)'],
      ['/var/lib/ddnsd/hosts.db', 'the registry'],
      ['/run/ddnsd/ddnsd.sock', 'where consoles attach'],
    ],
    seeAlso: ['ddns.conf(5)', 'ddns-tui(1)', 'ddns-node(1)', 'systemctl(1)'],
  },
  'ddns-tui': { seeAlso: ['ddnsd(1)', 'ddns.conf(5)'] },
  'ddns-node': { seeAlso: ['ddnsd(1)'] },
};

/** The page of a program, section 1. */
export function programPage(help: ProgramHelp, edition: Edition): string {
  const name = help.path.join('-');
  const { files = [], seeAlso = [] } = more[name] ?? {};
  return page(name, 1, help.description.replace(/\.$/, ''), edition, [
    '.SH SYNOPSIS',
    bold(help.usage),
    ...section('DESCRIPTION', [...list(help.arguments), ...paragraphs(help.epilogue)]),
    ...section('OPTIONS', list(help.options)),
    ...section('COMMANDS', commandSections(help.commands)),
    ...(name === 'ddns-tui' ? section('KEYS', keySections()) : []),
    ...section('FILES', list(files.map(([term, text]) => ({ term, text })))),
    ...section('SEE ALSO', [bare(seeAlso.join(', '))]),
  ]);
}

/** ddns.conf(5): the settings. */
export function settingsPage(edition: Edition): string {
  const settings = settingDefinitions.flatMap((definition) => [
    `.SS ${bare(`${definition.name}=${definition.default}`)}`,
    bare(definition.meaning),
    '.br',
    bare(`Allowed: ${definition.allowed}. Applies: ${definition.applies}.`),
    '.PP',
    bare(definition.tradeOff),
  ]);
  return page('ddns.conf', 5, 'the settings of the name server ddnsd', edition, [
    ...section('DESCRIPTION', [
      bare(
        'A line is name=value; the case of names does not matter. A # begins a comment at the start of a line or after a space. Every setting has a default, shown with its name below. ddnsd --check reports every mistake.',
      ),
    ]),
    ...section('SETTINGS', settings),
    ...section('SEE ALSO', [bare('ddnsd(1), ddns-tui(1)')]),
  ]);
}

function page(
  name: string,
  part: number,
  title: string,
  { version, date }: Edition,
  body: readonly string[],
): string {
  return [
    '.\\" Generated from the help of the programs and the tables of settings and keys.',
    `.TH ${name.toUpperCase()} ${part} ${date} "Dynamo-DNS ${version}"`,
    // Text is set flush left: lines of commands and paths have long words.
    '.ad l',
    '.nh',
    '.SH NAME',
    `${bare(name)} \\- ${bare(title)}`,
    ...body,
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

function commandSections(commands: readonly ProgramHelp[]): string[] {
  return commands.flatMap((command) => [
    `.SS ${bare(command.path.join(' '))}`,
    bare(command.description),
    ...list([...command.arguments, ...command.options]),
    ...commandSections(command.commands),
  ]);
}

function keySections(): string[] {
  return keyGroups.flatMap(({ scope, title }) => {
    const keys = bindings.filter((binding) => binding.scope === scope);
    if (keys.length === 0) return [];
    return [
      `.SS ${bare(title)}`,
      ...list(keys.map(({ shown, help }) => ({ term: shown, text: help }))),
    ];
  });
}

function list(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ term, text }) => ['.TP', bold(term), bare(text)]);
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text) => ['.PP', bare(text)]);
}

function bold(text: string): string {
  return `\\fB${bare(text)}\\fR`;
}

/** `text` as roff takes it for itself: no escapes, no requests, hyphens that can be searched and copied. */
function bare(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '\\(ga')
    .replace(/^(?=[.'])/, '\\&');
}
