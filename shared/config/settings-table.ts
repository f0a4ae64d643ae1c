// The settings as a Markdown table, for the README.
import { settingDefinitions } from './settings.ts';

export function settingsTable(): string {
  const rows = settingDefinitions.map(
    ({ name, default: text, allowed, applies, meaning }) =>
      `| ${name} | \`${text}\` | ${allowed} | ${applies} | ${meaning} |`,
  );
  return [
    '| name | default | allowed | a change counts | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) =>
      row.replace('| live |', '| on reload |').replace('| restart |', '| after a restart |'),
    ),
  ].join('\n');
}
