// The README says what the code says: its tables are made from the code's, its session is run.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { settingsTable } from '../shared/config/conf-template.ts';
import { keyTable } from '../tui/console/bindings.ts';
import { startTestServer } from './fixture/name-server.ts';

const run = promisify(execFile);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function section(name: string): string | undefined {
  return readme.split(`<!-- ${name} -->\n`)[1]?.split(`\n<!-- /${name} -->`)[0];
}

test('README › the table of settings is the one in the code', (t) => {
  t.is(section('settings'), settingsTable().trimEnd());
});

test('README › the table of keys is the one in the code', (t) => {
  t.is(section('keys'), keyTable());
});

test('README › the files and folders it links to are there', (t) => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
  t.true(links.length > 3);
  for (const link of links)
    t.notThrows(() => readFileSync(new URL(`../${link}`, import.meta.url)).length, link);
});

const hasNetcat = spawnSync('nc', ['-h']).error === undefined;

(hasNetcat ? test : test.skip)('README › the nc session prints what it says', async (t) => {
  const server = await startTestServer(t);
  const session = readme.split('```console\n')[1]?.split('```')[0] ?? '';
  const said: string[] = [];
  for (const line of session.trimEnd().split('\n')) {
    if (!line.startsWith('$ ')) continue;
    said.push(line);
    const command = line.slice(2).replace(' 4524', ` ${server.port}`);
    const { stdout } = await run('sh', ['-c', command]);
    said.push(...stdout.trimEnd().split('\n'));
  }
  const withoutEpoch = (text: string) => text.replace(/[0-9a-f]{8}(?=\.\d+)/g, '');
  t.is(withoutEpoch(said.join('\n')), withoutEpoch(session.trimEnd()));
});
