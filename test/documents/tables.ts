// The tables in the documents that are generated from code, and where each of them stands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settingsTable, settingsTradeOffs } from '../../shared/config/conf-template.ts';
import { bindings } from '../../tui/console/bindings.ts';
import { keyGroups } from '../../tui/keys/binding.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A generated part of a document: what stands between `<!-- name -->` and `<!-- /name -->`. */
export interface GeneratedSection {
  /** path from the top of the project */
  file: string;
  name: string;
  /** Markdown without a line end at its end */
  text(): string;
}

export const generatedSections: readonly GeneratedSection[] = [
  { file: 'shared/config/SETTINGS.md', name: 'settings', text: () => settingsTable().trimEnd() },
  {
    file: 'shared/config/SETTINGS.md',
    name: 'trade-offs',
    text: () => settingsTradeOffs().trimEnd(),
  },
  { file: 'tui/KEYS.md', name: 'keys', text: keyTables },
];

/** A key that works alike in this many views and prompts is listed once, in the table of shared keys. */
const sharedPlaces = 4;

/** The key registry as Markdown: a table for each view and prompt, and one for the keys that most of them share. */
function keyTables(): string {
  const tables = keyGroups.map(({ scope, title }) => ({
    title,
    rows: bindings.filter((binding) => binding.scope === scope).map(keyRow),
  }));
  const places = new Map<string, string[]>();
  for (const { title, rows } of tables)
    for (const row of rows) places.set(row, [...(places.get(row) ?? []), title]);
  const shared = [...places].filter(([, titles]) => titles.length >= sharedPlaces);
  return [
    ...tables.map(({ title, rows }) => ({
      title,
      head: '| key | action |\n| --- | --- |',
      rows: rows.filter((row) => (places.get(row)?.length ?? 0) < sharedPlaces),
    })),
    {
      title: 'Shared by several',
      head: '| key | action | where |\n| --- | --- | --- |',
      rows: shared.map(([row, titles]) => `${row} ${titles.join(', ')} |`),
    },
  ]
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, head, rows }) => [`## ${title}`, '', head, ...rows].join('\n'))
    .join('\n\n');
}

function keyRow({ shown, help, changes }: (typeof bindings)[number]): string {
  const keys = shown.split(' ').map((key) => `\`${key}\``);
  return `| ${keys.join(' ')} | ${help.replaceAll('|', '\\|')}${changes ? ' †' : ''} |`;
}

/** @returns the document as it should be, and as it is */
export function regenerate(file: string): { wanted: string; found: string } {
  const found = readFileSync(join(root, file), 'utf8');
  let wanted = found;
  for (const section of generatedSections.filter((each) => each.file === file)) {
    const [begin, end] = [`<!-- ${section.name} -->\n`, `\n<!-- /${section.name} -->`];
    const from = wanted.indexOf(begin);
    const to = wanted.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${file} has no section <!-- ${section.name} -->`);
    wanted = wanted.slice(0, from) + begin + section.text() + wanted.slice(to);
  }
  return { wanted, found };
}
