// What the programs say with --help, as data: manual pages and completion are made of it, so that they have every
// command and option, in the words of the program.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** An argument, an option or a command, as its help lists it. */
export interface Entry {
  /** such as `--conf <file>`, or `set [options] <name=value...>` */
  term: string;
  text: string;
}

/** The help of a program or of one of its commands. */
export interface ProgramHelp {
  /** the words that lead to it: `ddns-tui`, `config`, `set` */
  path: string[];
  usage: string;
  description: string;
  arguments: Entry[];
  /** without --help and --version, and without those of the program above a command */
  options: Entry[];
  commands: ProgramHelp[];
  /** paragraphs after the lists */
  epilogue: string[];
}

/** Reads the help of `program` in the folder `programs`, and those of its commands. */
export function programHelp(programs: string, program: string, words: string[] = []): ProgramHelp {
  const text = execFileSync(
    process.execPath,
    [join(programs, `${program}.js`), ...words, '--help'],
    {
      encoding: 'utf8',
    },
  );
  return parseHelp(text, [program, ...words], (more) =>
    programHelp(programs, program, [...words, more]),
  );
}

const everywhere = /^(-h, --help|-V, --version)/;

/** Parses a help text of commander. `read` gives the help of a command below. */
export function parseHelp(
  text: string,
  path: string[],
  read: (command: string) => ProgramHelp,
): ProgramHelp {
  const [usage = '', description = '', ...rest] = text.trimEnd().split('\n\n');
  const lists = new Map<string, Entry[]>();
  const epilogue: string[] = [];
  for (const block of rest) {
    const [title = '', ...lines] = block.split('\n');
    if (/^[A-Z][a-z]+( [A-Z][a-z]+)?:$/.test(title))
      lists.set(title.slice(0, -1), entriesOf(lines));
    else epilogue.push(joined(block));
  }
  return {
    path,
    usage: joined(usage.replace(/^Usage: /, '')),
    description: joined(description),
    arguments: lists.get('Arguments') ?? [],
    options: (lists.get('Options') ?? []).filter(({ term }) => !everywhere.test(term)),
    commands: (lists.get('Commands') ?? []).map(({ term }) => read(term.split(' ')[0] as string)),
    epilogue,
  };
}

/** Entries begin with two spaces; what is indented further continues the text before it. */
function entriesOf(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    const [, term, text = ''] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? [];
    const last = entries.at(-1);
    if (term !== undefined) entries.push({ term, text });
    else if (last !== undefined) last.text = `${last.text} ${line.trim()}`.trim();
  }
  return entries;
}

function joined(block: string): string {
  return block
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}
