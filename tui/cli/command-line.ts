// What the commands of ddns-tui share: the program they add themselves to, the name server they attach
// to, and the question before something is changed. A command says what is to be run; nothing runs before
// the whole line was understood.
import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError } from 'commander';
import { connectIpc, type IpcClient } from '../../shared/ipc/client.ts';
import { exitCodes, print } from '../../shared/program.ts';
import { version } from '../../shared/version.ts';
import { wallNow } from '../../shared/wall-clock.ts';
import { abilitiesOf } from '../abilities.ts';
import {
  chooseSocket,
  configuredSocket,
  type NamedSocket,
  socketsProblem,
} from '../daemon/socket-path.ts';
import { chooseLook } from '../look.ts';
import { forServer } from '../state/confirmation.ts';
import { localZone, utc, type Zone } from '../text/format.ts';
import { createTheme } from '../theme.ts';
import { type ConsoleFile, consoleFilePath, readConsoleFile } from './console-file.ts';
import { createOutput, type Output, type Printing } from './plain/output.ts';

interface CommonOptions {
  socket?: NamedSocket[];
  json?: boolean;
  plain?: boolean;
  readOnly?: boolean;
  utc?: boolean;
}

/** Skips the question. */
export interface YesOption {
  yes?: boolean;
}

export type AddCommand = (line: CommandLine) => void;

/** The console's own settings do not say which name server is meant. */
export class ConsoleFileError extends Error {}

export class CommandLine {
  readonly program = new Command('ddns-tui').configureOutput({
    writeOut: (text) => print('ddns-tui', text),
  });
  readonly output: Output = createOutput(process.stdout);
  private chosen: () => Promise<number> = async () => exitCodes.usage;
  /** the one name server that the command is for */
  private asked: NamedSocket | null = null;
  private reading: Promise<ConsoleFile> | null = null;

  /** A command below `parent`, the program itself by default. */
  command(name: string, description: string, parent: Command = this.program): Command {
    return parent
      .command(name)
      .description(description)
      .configureHelp({ showGlobalOptions: true })
      .exitOverride();
  }

  /** A command that changes something, and asks before: not with `--yes`, and nothing is changed with `--read-only`. */
  changing(name: string, description: string, parent: Command = this.program): Command {
    const whole = parent === this.program ? name : `${parent.name()} ${name}`;
    return this.command(name, description, parent)
      .option('--yes', 'skip the confirmation')
      .hook('preAction', (command) => this.needChange(whole, command.opts<YesOption>()));
  }

  /** What `run` does with what a command is given, when it is the one on the command line. */
  does<Given extends unknown[]>(run: (...given: Given) => Promise<number>) {
    return (...given: Given): void => {
      this.chosen = () => run(...given);
    };
  }

  /** @throws CommanderError */
  run(): Promise<number> {
    this.program.parse();
    return this.chosen();
  }

  options<T extends object = object>(): CommonOptions & T {
    return this.program.opts<CommonOptions & T>();
  }

  get printing(): Printing {
    return {
      json: this.options().json ?? false,
      output: this.output,
      complain: (message) => this.complain(message),
    };
  }

  /** Of the times in plain text. */
  get zone(): Zone {
    return this.options().utc ? utc : localZone(wallNow());
  }

  /** Ends with the message and the exit code of a wrong command line. */
  usageError(message: string): never {
    return this.program.error(`error: ${message}`);
  }

  complain(message: string): void {
    process.stderr.write(`ddns-tui: ${message}\n`);
  }

  /** The console's own settings; says what is wrong with them. */
  file(): Promise<ConsoleFile> {
    const path = consoleFilePath(process.env, process.platform);
    this.reading ??= readConsoleFile(path, this.options().socket).then((file) => {
      for (const problem of file.problems) this.complain(problem);
      return file;
    });
    return this.reading;
  }

  /** The sockets of the name servers, one or several. @throws ConsoleFileError */
  async sockets(): Promise<NamedSocket[]> {
    const file = await this.file();
    const { socket = [] } = this.options();
    // A name of the file stands for its socket.
    const given = socket.map(
      (each) => file.sockets.find(({ name }) => each.name === null && name === each.path) ?? each,
    );
    const problem = socketsProblem(given);
    if (problem !== null) this.usageError(problem);
    const coloured = (sockets: readonly NamedSocket[]) =>
      sockets.map((each) => ({ ...each, colour: file.colours.get(each.name ?? '') }));
    if (given.length > 0) return coloured(given);
    if (!process.env.DDNS_SOCKET) {
      if (file.socketProblems.length > 0)
        throw new ConsoleFileError('correct the sockets of that file, or give --socket');
      if (file.sockets.length > 0) return coloured(file.sockets);
    }
    const path = await chooseSocket({
      env: process.env,
      platform: process.platform,
      configured: configuredSocket,
    });
    return [{ name: null, path }];
  }

  /** The socket of the one name server that a command is for. */
  async socketPath(): Promise<string> {
    const [first, ...others] = await this.sockets();
    if (first === undefined || others.length > 0)
      this.usageError(
        'this command is for one name server: give --socket once, with a path or a name of the configuration',
      );
    this.asked = first;
    return first.path;
  }

  /** @throws UnreachableError */
  async withClient<T>(act: (client: IpcClient) => Promise<T>): Promise<T> {
    const { readOnly } = this.options();
    const as = { name: 'ddns-tui', version, readOnly };
    const client = await connectIpc(await this.socketPath(), as);
    try {
      return await act(client);
    } finally {
      client.close();
    }
  }

  /** Ends with a word unless `what`, which changes something, may be done: and be asked about, unless `yes`. */
  needChange(what: string, { yes = false }: YesOption): void {
    if (this.options().readOnly) this.usageError(`${what} makes changes; remove --read-only`);
    if (!yes && !(process.stdin.isTTY && process.stderr.isTTY))
      this.usageError('cannot ask for confirmation without a terminal; add --yes');
  }

  /** Asks on the terminal, after `needChange`. */
  ask(question: string): Promise<boolean> {
    const { env } = process;
    const server = forServer(this.asked?.name ?? '');
    const { colour } = this.asked ?? {};
    const isPainted = colour !== undefined && abilitiesOf(env).hasScreen;
    const shown = isPainted ? createTheme(chooseLook({ env })).paint(colour, server) : server;
    return isAgreed(shown + question, process.stdin, process.stderr);
  }

  /** Whether it is to be done; asks, unless `yes`, and says when it is not. */
  async isAgreed(question: string, { yes = false }: YesOption): Promise<boolean> {
    if (yes || (await this.ask(question))) return true;
    this.complain('cancelled; nothing changed');
    return false;
  }

  /** Does what changes something, and prints what it says; asks before, unless `yes`. */
  async change(
    question: string,
    options: YesOption,
    act: (client: IpcClient) => Promise<string>,
  ): Promise<number> {
    return this.withClient(async (client) => {
      if (!(await this.isAgreed(question, options))) return exitCodes.failed;
      await this.output.write(await act(client));
      return exitCodes.ok;
    });
  }
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

/** Asks on the terminal; anything but yes is no, the end of the input too. */
export async function isAgreed(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  try {
    const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
