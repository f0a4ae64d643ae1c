// The log on standard output: readable lines on a terminal, otherwise JSON lines (`level`, `time`, `msg`), which the
// journal of systemd gets with their priority. A line is written at once, so that it precedes a crash. An output that
// blocks or fails delays nothing: lines wait, then the least urgent are dropped and counted; consoles still get all of
// them. Every message is made printable here, so that nothing from the network can control a terminal.
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, levels, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogLevel } from '../shared/config/settings.ts';
import { isJournal, withPriority } from '../shared/output/journal.ts';
import type { LineLevel } from '../shared/output/log-line.ts';
import { Outlet, type OutputNews, OutputQueue } from '../shared/output/output-queue.ts';
import { printable } from '../shared/output/printable.ts';

export type { Logger } from 'pino';

/** Characters of a message: enough for a configuration problem with a long path. */
const maxMessageLength = 8_192;

const standardOutput = 1;

/** Time in ms for waiting lines when the daemon ends; then they are lost. */
const exitDrainMs = 500;

/** Where the log goes, and how. */
export interface LogOutput {
  /** a file descriptor or a stream */
  destination: number | NodeJS.WritableStream;
  /** readable lines instead of JSON */
  pretty: boolean;
  colour: boolean;
  /** priorities for the journal of systemd before the JSON */
  journal?: boolean;
}

/** Standard output: readable on a terminal, in colour unless NO_COLOR is set; with priorities for the journal. */
export function standardLogOutput(env: NodeJS.ProcessEnv = process.env): LogOutput {
  // Not process.stdout, which changes for all processes how writes to this output block.
  const terminal = isatty(standardOutput);
  return {
    destination: standardOutput,
    pretty: terminal,
    colour: terminal && !env.NO_COLOR,
    journal: isJournal(standardOutput, env),
  };
}

export interface LogOptions {
  /** standard output by default */
  output?: LogOutput;
  /** called with each line as JSON before it is written, whatever the format of the output */
  written?: (line: string) => void;
}

/**
 * A log of the given level, which can be changed later: `log.level = 'debug'`. Its `flush` calls back when all
 * lines are written, or after half a second.
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
    openStream(output, (news) => reportOutput(log, news)),
  );
  return log;
}

/** Reports trouble of the output, which operators also read on consoles. */
function reportOutput(log: Logger, news: OutputNews): void {
  if (news.kind === 'failing') {
    const { code, message } = news.error;
    log.error(
      { code },
      `standard output cannot be written (${printable(code ?? message)}): the latest lines are kept, and ddns-tui log shows them; free disk space, or restart the process that reads it`,
    );
    return;
  }
  const dropped = [...news.dropped].toSorted(([a], [b]) => b - a);
  const lines = dropped.reduce((sum, [, count]) => sum + count, 0);
  const seconds = (news.ms / 1_000).toFixed(1);
  const after = `standard output recovered after ${seconds} s`;
  if (lines === 0) log.warn(`${after}; no line was lost`);
  else
    log[(dropped[0]?.[0] ?? 0) >= levels.values.error ? 'error' : 'warn'](
      Object.fromEntries(dropped.map(([level, count]) => [levels.labels[level] ?? level, count])),
      `${after}; ${lines} ${lines === 1 ? 'line was' : 'lines were'} dropped`,
    );
}

/** Pino puts the level of each line into `lastLevel`. */
interface LeveledStream extends DestinationStream {
  [pino.symbols.needsMetadataGsym]: true;
  lastLevel: number;
  flush(done: () => void): void;
}

function openStream(
  { destination, pretty: forPeople, colour, journal = false }: LogOutput,
  report: (news: OutputNews) => void,
): DestinationStream {
  const pretty = forPeople
    ? prettyFactory({ colorize: colour, translateTime: 'SYS:HH:MM:ss', singleLine: true })
    : (line: string) => line;
  const queue =
    typeof destination === 'number' ? new OutputQueue(new Outlet(destination), report) : null;
  if (queue !== null) process.on('exit', () => queue.flush());
  const stream: LeveledStream = {
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write: (line) => {
      const level = levels.labels[stream.lastLevel] as LineLevel;
      const shown = journal ? withPriority(level, line) : pretty(line);
      if (typeof destination === 'number') queue?.add(shown, stream.lastLevel);
      else destination.write(shown);
    },
    flush: (done) => (queue === null ? done() : void queue.drain(exitDrainMs).then(done)),
  };
  return stream;
}
