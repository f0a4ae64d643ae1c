// `ddns-tui hosts export FILE` and `hosts import FILE`: hosts as JSON, one object a line; `-` is standard output or input.
import { createReadStream, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { IpcClient } from '../../shared/ipc/client.ts';
import { type HostToImport, maxImportedHosts } from '../../shared/ipc/import-contract.ts';
import { exitCodes } from '../../shared/program.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { safe } from '../text/columns.ts';
import { count, counted, utc } from '../text/format.ts';
import type { CommandLine, YesOption } from './command-line.ts';
import { linesOf, parseHostLine } from './host-lines.ts';
import { printHosts } from './plain/hosts.ts';
import { jsonText, type Output, type Printing } from './plain/output.ts';
import { Progress } from './progress.ts';
import { writeWholeFile } from './whole-file.ts';

const maxText = 4_096;

/** Wrong lines that are named; a file of another kind has nothing else. */
const maxNamed = 20;

const standardStream = '-';

export function addHostsFiles(line: CommandLine, hosts: Command): void {
  line
    .command('export', 'Write the live hosts into a file, as JSON lines.', hosts)
    .argument('<file>', 'file to write; - is standard output')
    .option('--force', 'replace the file if it exists')
    .action(
      line.does((file: string, { force = false }: { force?: boolean }) =>
        exportHosts(line, file, force),
      ),
    );
  line
    .changing('import', 'Register the hosts of a file of JSON lines (asks first).', hosts)
    .argument('<file>', 'file that hosts export wrote; - is standard input')
    .action(line.does((file: string, options: YesOption) => importFile(line, file, options)));
}

function exportHosts(line: CommandLine, path: string, replace: boolean): Promise<number> {
  const { filter, json } = line.options<{ filter: string }>();
  return line.withClient(async (client) => {
    const print = (output: Output) => printHosts(client, { ...everything, filter }, output);
    if (path === standardStream) {
      await print(line.output);
      return exitCodes.ok;
    }
    let hosts = 0;
    await writeWholeFile(path, { replace }, (file) =>
      print({
        write: async (text) => {
          await file.write(Buffer.from(text));
          hosts += text.split('\n').length - 1;
          return true;
        },
      }),
    );
    const text = `${safe(path, maxText)}: ${counted(hosts, 'host')}\n`;
    await line.output.write(json ? jsonText({ file: path, hosts }) : text);
    return exitCodes.ok;
  });
}

const everything = {
  zone: utc,
  sort: 'address',
  descending: false,
  limit: null,
  json: true,
} as const;

async function importFile(line: CommandLine, path: string, options: YesOption): Promise<number> {
  const isPiped = path === standardStream;
  if (isPiped && !options.yes)
    line.usageError('standard input has the hosts, so nobody can be asked; add --yes');
  const pieces = isPiped ? process.stdin.setEncoding('utf8') : openFile(path);
  return line.withClient(async (client) => {
    const question = `Register the hosts of ${safe(path, maxText)}?`;
    if (!(await line.isAgreed(question, options))) return exitCodes.failed;
    const bytes = isPiped ? null : statSync(path).size;
    return importHosts(client, { ...line.printing, pieces, bytes });
  });
}

/** @throws Error for the user */
function openFile(path: string): AsyncIterable<string> {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) throw new Error(`${safe(path, maxText)} does not exist`);
  if (there.isDirectory()) throw new Error(`${safe(path, maxText)} is a folder; name a file`);
  return createReadStream(path, 'utf8');
}

interface ImportOptions extends Printing {
  pieces: AsyncIterable<string>;
  /** of all pieces, for the progress; null: unknown */
  bytes: number | null;
}

/** Why a host is refused, as the daemon names it; others are shown by their names. */
const reasons: Readonly<Record<string, string>> = {
  taken: 'another node is live at the address',
  deleted: 'left or deleted after that contact',
  'too-old': 'not seen for so long that it may have left since',
  'over-share': 'its source has as many hosts as one source may (HostsPerSource)',
  full: 'the registry is full (MaxHosts)',
  'no-address': 'no host can have the address',
};

/** Imports the hosts that come in `pieces`. @returns the exit code: ok when all of them are registered now */
export async function importHosts(client: IpcClient, options: ImportOptions): Promise<number> {
  const { pieces, bytes, json, output, complain } = options;
  const counts = new Map<string, number>([
    ['stored', 0],
    ['known', 0],
  ]);
  const add = (outcome: string) => counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const progress = new Progress('import');
  let invalid = 0;
  let batch: HostToImport[] = [];
  const send = async (more: boolean) => {
    const { outcomes } = await client.importHosts({ hosts: batch, more });
    outcomes.forEach(add);
    batch = [];
  };
  try {
    let read = 0;
    for await (const { number, text } of linesOf(pieces)) {
      const parsed = parseHostLine(text, wallNow());
      read += Buffer.byteLength(text) + 1;
      if ('problem' in parsed) {
        if (++invalid <= maxNamed) complain(`line ${number}: ${parsed.problem}`);
        continue;
      }
      batch.push(parsed.host);
      if (batch.length < maxImportedHosts) continue;
      await send(true);
      const stored = `${count(counts.get('stored') ?? 0)} stored`;
      progress.show(bytes === null ? 0 : Math.min(1, read / bytes), stored);
    }
    await send(false);
  } finally {
    progress.end();
  }
  if (invalid > maxNamed) complain(`and ${counted(invalid - maxNamed, 'wrong line')} more`);
  const { stored = 0, known = 0, ...refused } = Object.fromEntries(counts);
  const isAll = invalid === 0 && Object.keys(refused).length === 0;
  const imported = { stored, known, refused, invalid };
  await output.write(json ? jsonText(imported) : importText(imported));
  return isAll ? exitCodes.ok : exitCodes.failed;
}

interface Imported {
  stored: number;
  known: number;
  refused: Record<string, number>;
  invalid: number;
}

/** `stored 12, known 3, refused 2` and a line for each reason. */
function importText({ stored, known, refused, invalid }: Imported): string {
  const entries = Object.entries(refused);
  const total = entries.reduce((sum, [, hosts]) => sum + hosts, 0);
  const parts = [`stored ${count(stored)}`, `known ${count(known)}`, `refused ${count(total)}`];
  if (invalid > 0) parts.push(`wrong lines ${count(invalid)}`);
  const why = entries.map(
    ([reason, hosts]) => `  ${count(hosts)}: ${reasons[reason] ?? safe(reason)}\n`,
  );
  return `${parts.join(', ')}\n${why.join('')}`;
}
