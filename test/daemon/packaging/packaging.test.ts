import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { bashCompletion } from '../../../daemon/packaging/completion.ts';
import { programPage, settingsPage } from '../../../daemon/packaging/manual.ts';
import { type ProgramHelp, programHelp } from '../../../daemon/packaging/program-help.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { unconfiguredText } from '../../../shared/config/conf-template.ts';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import { bindings } from '../../../tui/console/bindings.ts';
import { programFile } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const folder = join(programFile('ddnsd'), '..');
const helps = ['ddnsd', 'ddns-tui', 'ddns-node'].map((program) => programHelp(folder, program));
const edition = { version: '1.2.3', date: '2026-01-02' };

const all = (help: ProgramHelp): ProgramHelp[] => [help, ...help.commands.flatMap(all)];

/** What a page shows, without its macros. */
const shownBy = (page: string) => page.replaceAll('\\-', '-').replaceAll('\\(dq', '"');

test('manual › has every command and every option of the help, each with its text', (t) => {
  for (const help of helps) {
    const shown = shownBy(programPage(help, edition));
    t.true(help.options.length > 3);
    for (const command of all(help)) {
      t.true(shown.includes(command.description.replace(/\.$/, '')), command.path.join(' '));
      for (const { term, text } of [...command.options, ...command.arguments]) {
        t.true(shown.includes(`.TP\n\\fB${term}\\fR\n`), term);
        t.true(text.length > 10 && shown.includes(text), text);
      }
    }
  }
  const commands = all(helps[1] as ProgramHelp).map(({ path }) => path.slice(1).join(' '));
  for (const command of ['hosts remove', 'config reload', 'drain'])
    t.true(commands.includes(command));
});

test('manual › has every setting and every key', (t) => {
  const settings = shownBy(settingsPage(edition)).replaceAll('\\e', '\\');
  for (const { name, meaning } of settingDefinitions) {
    t.true(settings.includes(`.SS ${name}=`), name);
    t.true(settings.includes(meaning), meaning);
  }
  const keys = shownBy(programPage(helps[1] as ProgramHelp, edition));
  for (const { help } of bindings) t.true(keys.includes(help.replaceAll('`', '\\(ga')), help);
});

const hasMan = spawnSync('man', ['--version']).error === undefined;
(hasMan ? test : test.skip)('manual › man has nothing to complain about', (t) => {
  const pages = [...helps.map((help) => programPage(help, edition)), settingsPage(edition)];
  for (const [index, page] of pages.entries()) {
    const file = join(makeFolder(t), `page.${index}`);
    writeFileSync(file, page);
    const { status, stdout, stderr } = spawnSync('man', ['--warnings', '--local-file', file], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80', MANPAGER: 'cat' },
    });
    t.is(status, 0);
    t.is(stderr, '');
    t.regex(stdout, /^NAME$/m);
  }
});

/** What bash proposes for the last of `words`. */
function proposed(t: Parameters<typeof makeFolder>[0], ...words: string[]): string[] {
  const file = join(makeFolder(t), 'completion');
  const [program = ''] = words;
  const help = helps.find(({ path }) => path[0] === program) as ProgramHelp;
  const script = [
    'compopt() { :; }',
    bashCompletion(help),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}`,
    `_${program.replaceAll('-', '_')}; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ];
  writeFileSync(file, script.join('\n'));
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-u', file], {
    encoding: 'utf8',
    cwd: folder,
  });
  t.is(stderr, '');
  return stdout.trimEnd().split('\n');
}

test('completion › proposes the commands, options and values that the programs have', (t) => {
  t.deepEqual(proposed(t, 'ddns-tui', 'config', 're'), ['reload']);
  t.deepEqual(proposed(t, 'ddns-tui', 'config', 'set', 'Ho'), ['HostsPerSource=']);
  t.deepEqual(proposed(t, 'ddns-tui', 'config', 'get', 'Da'), ['Database']);
  t.deepEqual(proposed(t, 'ddns-tui', '--json', 'hosts', 'p'), ['ping']);
  t.deepEqual(proposed(t, 'ddns-tui', 'o'), ['overview']);
  t.deepEqual(proposed(t, 'ddns-tui', 'log', '--level', 'w'), ['warn']);
  t.true(proposed(t, 'ddns-tui', 'hosts', 'remove', '--').includes('--yes'));
  t.deepEqual(proposed(t, 'ddnsd', '--init', 'Inter'), ['Interface=']);
  t.deepEqual(proposed(t, 'ddnsd', '--conf', 'ddnsd.'), ['ddnsd.js']);
  t.deepEqual(proposed(t, 'ddns-node', '--list'), ['--listen']);
});

test('package › its ddns.conf has no settings, which the scripts of the package see', (t) => {
  t.true(parseConf(unconfiguredText).lines.every(({ kind }) => kind === 'silent'));
  const scripts = ['postinst', 'prerm', 'postrm'].map(
    (name) => new URL(`../../../daemon/packaging/debian/${name}`, import.meta.url).pathname,
  );
  for (const script of scripts) t.is(spawnSync('sh', ['-n', script]).status, 0, script);
  const [, pattern = ''] = /grep -q '(.*)'/.exec(readFileSync(scripts[0] as string, 'utf8')) ?? [];
  const isConfigured = (text: string) =>
    spawnSync('grep', ['-q', pattern], { input: text }).status === 0;
  t.false(isConfigured(unconfiguredText));
  t.true(isConfigured(`${unconfiguredText}\n  Interface=::1\n`));
});
