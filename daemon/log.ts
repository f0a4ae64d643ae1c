// The daemon's log on standard output: lines for people on a terminal, JSON lines (one object each,
// `level`, `time`, `msg`) otherwise. A line is out at once, even if the next thing that happens is a
// crash, while the output takes it; an output that blocks or fails delays nobody: lines wait, then the
// least urgent are dropped and counted, and consoles have them all the same. Every message is made
// printable here, so that nothing from the network can act on a terminal.
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, levels, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from '../shared/config/settings.ts';
import { Outlet, type OutputNews, OutputQueue } from '../shared/output/output-queue.ts';
import { printable } from '../shared/output/printable.ts';

export type { Logger } from 'pino';

/** Longest message: a report of one configuration problem with a long path in it. */
const maxMessageLength = 8_192;

const standardOutput = 1;

/** What still waits when the daemon ends is given this long; then it is lost, not the daemon's end. */
const exitDrainMs = 500;

export interface LogOutput {
  /** a file descriptor or a stream */
  destination: number | NodeJS.WritableStream;
  /** lines for people instead of JSON */
  pretty: boolean;
  colour: boolean;
}

/** Standard output as it is: pretty on a terminal, in colour unless NO_COLOR is set. */
export function standardLogOutput(env: NodeJS.ProcessEnv = process.env): LogOutput {
  // Not process.stdout: made once, it changes how everybody's writes to this output block.
  const terminal = isatty(standardOutput);
  return { destination: standardOutput, pretty: terminal, colour: terminal && !env.NO_COLOR };
}

export interface LogOptions {
  /** standard output unless said otherwise */
  output?: LogOutput;
  /** gets each line as a JSON object, whatever the output looks like, before it is written there */
  written?: (line: string) => void;
}

/**
 * A log of the given level, which can be changed while it is in use: `log.level = 'debug'`. Its `flush`
 * calls back when all is written, or after half a second.
 */
export function createLog(
  level: LogLevel,
  { output = standardLogOutput(), written }: LogOptions = {},
): Logger {
  const log: Logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          const safe = args.map((each: unknown) =>
            typeof each === 'string' ? printable(each, maxMessageLength) : each,
          );
          method.apply(this, safe as typeof args);
        },
        streamWrite(line) {
          written?.(line);
          return line;
        },
      },
    },
    openStream(output, (news) => tellOutput(log, news)),
  );
  return log;
}

/** What an operator must know of the output, also where it says so itself: on a console. */
function tellOutput(log: Logger, news: OutputNews): void {
  if (news.kind === 'failing') {
    const { code, message } = news.error;
    log.error(
      { code },
      `standard output cannot be written (${printable(code ?? message)}): the latest lines wait for it, and ddns-tui log shows them; make room, or start its reader again`,
    );
    return;
  }
  const dropped = [...news.dropped].toSorted(([a], [b]) => b - a);
  const lines = dropped.reduce((sum, [, count]) => sum + count, 0);
  const seconds = (news.ms / 1_000).toFixed(1);
  const after = `standard output is written again after ${seconds} s`;
  if (lines === 0) log.warn(`${after}; no line was lost`);
  else
    log[(dropped[0]?.[0] ?? 0) >= levels.values.error ? 'error' : 'warn'](
      Object.fromEntries(dropped.map(([level, count]) => [levels.labels[level] ?? level, count])),
      `${after}; lines dropped meanwhile: ${lines}`,
    );
}

/** Pino tells the level of each line in `lastLevel`. */
interface LeveledStream extends DestinationStream {
  [pino.symbols.needsMetadataGsym]: true;
  lastLevel: number;
  flush(done: () => void): void;
}

function openStream(
  { destination, pretty: forPeople, colour }: LogOutput,
  told: (news: OutputNews) => void,
): DestinationStream {
  const shown = forPeople
    ? prettyFactory({ colorize: colour, translateTime: 'SYS:HH:MM:ss', singleLine: true })
    : (line: string) => line;
  if (typeof destination !== 'number')
    return { write: (line) => void destination.write(shown(line)) };
  const queue = new OutputQueue(new Outlet(destination), told);
  process.on('exit', () => queue.flush());
  const stream: LeveledStream = {
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write: (line) => queue.add(shown(line), stream.lastLevel),
    flush: (done) => void queue.drain(exitDrainMs).then(done),
  };
  return stream;
}
