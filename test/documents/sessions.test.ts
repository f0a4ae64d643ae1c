// The sessions that the documents show, typed into a shell as they stand there.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { lookUntil } from '../fixture/look-until.ts';
import { makeFolder } from '../fixture/temp-folder.ts';
import { root } from './tables.ts';

const run = promisify(execFile);

interface Step {
  command: string;
  output: string;
}

/** The commands of all `console` blocks with what each of them prints. */
function sessionOf(document: string): Step[] {
  const blocks = [...document.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  return blocks
    .join('')
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', output = ''] = (/^((?:.*\\\n)*.*)\n([\s\S]*)$/.exec(step) ?? []).slice(
        1,
      );
      return { command, output };
    });
}

/** `nc -w 1 HOST PORT`, for machines that have none. */
const netcat = `#!${process.execPath}
const socket = require('node:net').connect(Number(process.argv[5]), process.argv[4]);
process.stdin.pipe(socket).pipe(process.stdout);
`;

/** Programs that the documents use and a machine may lack; what they would print is then not looked at. */
const missing = ['dig'].filter((program) => spawnSync(program, ['-v']).error !== undefined);

/** A folder of programs as an installation puts them into the PATH. */
function installedPrograms(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  if (spawnSync('nc', ['-h']).error !== undefined)
    writeFileSync(join(bin, 'nc'), netcat, { mode: 0o755 });
  for (const program of ['ddnsd', 'ddns-tui', 'ddns-node'])
    writeFileSync(
      join(bin, program),
      `#!/bin/sh\nexec '${process.execPath}' '${root}dist/${program}.js' "$@"\n`,
      { mode: 0o755 },
    );
  return bin;
}

/** A shell that runs one command after the other; each resolves with what it printed. */
function openShell(t: ExecutionContext, folder: string) {
  const shell = spawn('bash', ['--norc'], {
    cwd: folder,
    // A name server with nothing to do needs no workers.
    env: {
      ...process.env,
      DDNS_CORES: '1',
      PATH: `${installedPrograms(folder)}:${process.env.PATH}`,
    },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const closed = once(shell, 'close');
  t.teardown(async () => {
    // The jobs write to the folder until they have ended. A command that hangs is killed with the group.
    const hung = setTimeout(() => process.kill(-(shell.pid as number), 'SIGKILL'), 20_000);
    shell.stdin.end('kill $(jobs -p)\nwait\n');
    await closed;
    clearTimeout(hung);
  });
  let printed = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return async (command: string): Promise<string> => {
    printed = '';
    shell.stdin.write(`${command}\necho done''.\n`);
    await lookUntil(
      () => printed,
      (text) => text.endsWith('done.\n'),
    );
    return printed.slice(0, -'done.\n'.length);
  };
}

/** Times and epochs differ from run to run, and so does the width of a column with addresses. */
function comparable(output: string, subnet: string): string {
  return output
    .replaceAll(subnet, '127.0.0.')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replace(/age=\d+/, 'age=N')
    .replace(/[0-9a-f]{8}(?=\.\d+)/g, 'EPOCH')
    .replace(/ +/g, ' ');
}

for (const file of ['README.md', 'shared/node/NODES.md', 'daemon/clients/RESOLVERS.md'])
  test(`documents › the session in ${file} prints what it says`, async (t) => {
    const steps = sessionOf(readFileSync(join(root, file), 'utf8'));
    t.true(steps.filter(({ output }) => output !== '').length >= 3);
    // Loopback addresses that no other program of this machine uses, because the port is the documented one.
    const subnet = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.`;
    const enter = openShell(t, makeFolder(t));
    for (const { command, output } of steps) {
      if (missing.some((program) => command.startsWith(`${program} `))) {
        t.log(`skipped, because this machine lacks the program: ${command}`);
        continue;
      }
      const typed = command.replaceAll('127.0.0.', subnet);
      const expected = comparable(output, subnet);
      const type = async () => comparable(await enter(typed), subnet);
      // What a console shows comes a moment after the command that causes it.
      let looks = typed.startsWith('ddns-tui') ? 60 : 1;
      const printed = await lookUntil(type, (shown) => shown === expected || --looks === 0);
      t.is(printed, expected, command);
    }
  });

/** The programs' command lines that a document shows, each cut where a pipe, a comment or a redirection begins. */
function commandLines(document: string): string[][] {
  const shown = document.matchAll(
    /(?:`|^(?:sudo |\$ )?)((?:ddnsd|ddns-tui|ddns-node) [^`#|>&…\n]+)/gm,
  );
  return [...shown].map(([, line = '']) => line.trim().split(/\s+/));
}

test('documents › every option of a command that they show exists', async (t) => {
  const documents = globSync('{*.md,.github/*.md,{daemon,shared,tui}/**/*.md}', { cwd: root });
  const lines = documents.flatMap((file) => commandLines(readFileSync(join(root, file), 'utf8')));
  t.true(lines.length > 20);
  const helps = new Map<string, string>();
  const unknown: string[] = [];
  for (const [program = '', ...rest] of lines) {
    const words = rest.slice(0, 2).filter((word) => /^[a-z]+$/.test(word));
    const command = [program, ...words].join(' ');
    if (!helps.has(command)) {
      const script = join(root, 'dist', `${program}.js`);
      const { stdout, stderr } = await run(process.execPath, [script, ...words, '--help']).catch(
        (error: Error) => ({ stdout: '', stderr: error.message }),
      );
      helps.set(command, stdout);
      if (stderr !== '') unknown.push(`${command}: ${stderr}`);
    }
    for (const [option] of rest.join(' ').matchAll(/--[a-z][a-z-]+/g))
      if (!helps.get(command)?.includes(option)) unknown.push(`${command} ${option}`);
  }
  t.deepEqual(unknown, []);
});
