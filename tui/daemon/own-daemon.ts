// A name server that this program starts for itself. It ends when its standard input ends, so it ends with the
// program, however that ends, `kill -9` included.
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { exitCodes } from '../../shared/program.ts';

/** Characters of the daemon's output that are kept: enough for the reason why it ended. */
const keptOutput = 16_384;
const lastLines = 8;
/** A registry of a million hosts takes some seconds to load. */
const readyWithinMs = 60_000;
const askEveryMs = 40;
/** A stop takes a moment, to finish requests in flight; after this the daemon hangs. */
const stopWithinMs = 10_000;

export interface Ended {
  code: number;
  /** its last lines of output, with a line end, or empty */
  lastWords: string;
}

export interface OwnDaemon {
  /** Waits until it answers. @returns how it ended, if it did not start */
  ready(answers: () => Promise<boolean>): Promise<Ended | null>;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Ended>;
  /** Its process id; undefined when the process could not be started. */
  readonly pid: number | undefined;
  stop(): Promise<Ended>;
  /** Kills it, as a crash would, and waits for its end. */
  kill(): Promise<Ended>;
}

export function startDaemon(...parameters: string[]): OwnDaemon {
  // In dist/, beside the program that was started.
  const program = join(dirname(realpathSync(process.argv[1] ?? '')), 'ddnsd.js');
  const child = spawn(
    process.execPath,
    [program, ...parameters, '--stop-on-stdin-end'],
    // In a process group of its own: Ctrl-C and Ctrl-Z of the terminal are for the console.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32' },
  );
  let output = '';
  const keep = (text: string) => {
    output = (output + text).slice(-keptOutput);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  // It may end before its input is closed.
  child.stdin.on('error', () => {});
  let ended: Ended | null = null;
  const exited = new Promise<Ended>((resolve) => {
    const settle = (code: number) => {
      ended = { code, lastWords: lastWordsOf(output) };
      resolve(ended);
    };
    child.once('error', (error) => {
      keep(`${error.message}\n`);
      settle(exitCodes.failed);
    });
    child.once('close', (code) => settle(code ?? exitCodes.failed));
  });
  const stop = async () => {
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    const result = await exited;
    clearTimeout(late);
    return result;
  };
  return {
    exited,
    pid: child.pid,
    ready: async (answers) => {
      const deadline = performance.now() + readyWithinMs;
      while (ended === null && performance.now() < deadline) {
        if (await answers()) return null;
        await Promise.race([exited, wait(askEveryMs)]);
      }
      if (ended) return ended;
      keep(`the name server did not answer within ${readyWithinMs / 1000} s\n`);
      const { lastWords } = await stop();
      return { code: exitCodes.failed, lastWords };
    },
    stop,
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

function lastWordsOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : `${lines.slice(-lastLines).join('\n')}\n`;
}
