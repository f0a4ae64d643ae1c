// The daemon's log on standard output: lines for people on a terminal, JSON lines (one object each,
// `level`, `time`, `msg`) otherwise. Written synchronously in this process: a line that was logged
// is out even if the next thing that happens is a crash. Every message is made printable here, so
// that nothing from the network can act on a terminal.
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../shared/config/settings.ts';
import { printable } from '../shared/printable.ts';

export type { Logger } from 'pino';

/** Longest message: a report of one configuration problem with a long path in it. */
const maxMessageLength = 8_192;

const standardOutput = 1;

export interface LogOutput {
  /** a file descriptor or a stream */
  destination: number | NodeJS.WritableStream;
  /** lines for people instead of JSON */
  pretty: boolean;
  colour: boolean;
}

/** Standard output as it is: pretty on a terminal, in colour unless NO_COLOR is set. */
export function standardLogOutput(env: NodeJS.ProcessEnv = process.env): LogOutput {
  const terminal = process.stdout.isTTY === true;
  return { destination: standardOutput, pretty: terminal, colour: terminal && !env.NO_COLOR };
}

export interface LogOptions {
  /** standard output unless said otherwise */
  output?: LogOutput;
  /** gets each line as a JSON object, whatever the output looks like, before it is written there */
  written?: (line: string) => void;
}

/** A log of the given level, which can be changed while it is in use: `log.level = 'debug'`. */
export function createLog(
  level: LogLevel,
  { output = standardLogOutput(), written }: LogOptions = {},
): Logger {
  return pino(
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
    openStream(output),
  );
}

function openStream({ destination, pretty: forPeople, colour }: LogOutput): DestinationStream {
  if (forPeople)
    return pretty({
      destination,
      sync: true,
      colorize: colour,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
    });
  if (typeof destination === 'number') return pino.destination({ dest: destination, sync: true });
  return destination as DestinationStream;
}
