// The life of the daemon's process: reads the configuration, finds the address, starts the name
// server, and then does what signals say. SIGTERM and its like stop it after what is in flight, a
// second one at once, unless it is the same wish said twice; SIGHUP reads ddns.conf again, also while
// there is nothing yet that could do with it; other signals are taken by the program's starter
// (shared/build/bundle.js). A failure nobody expected ends the process with a line in the log, because
// a daemon in an unknown state must not go on answering.
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { findBindAddress, localInterfaces } from '../../shared/config/interface-address.ts';
import { type Configuration, loadConfiguration } from '../../shared/config/load.ts';
import type { ConfigurationSource } from '../../shared/config/paths.ts';
import { ConfigurationError, formatProblem } from '../../shared/config/problem.ts';
import { printable } from '../../shared/output/printable.ts';
import { exitCodes } from '../../shared/program.ts';
import { RecentLog } from '../core/stats/recent-log.ts';
import { createLog, type Logger } from '../log.ts';
import { type NameServer, startNameServer } from '../name-server.ts';
import { problemWith } from './check.ts';

export interface RunOptions {
  source: ConfigurationSource;
  /** when this machine does not have the Interface, wait for it instead of failing */
  waitForInterface: boolean;
  /** stop as for SIGTERM when standard input ends: whoever started the daemon is gone */
  stopOnStdinEnd: boolean;
  /** the program of a worker process */
  workerProgram: string;
}

/** Those with which terminals, supervisors and containers stop a program. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPWR'] as const;

/**
 * Within this time the same signal is the same wish: a terminal sends Ctrl-C to all processes of a command, and
 * npm, pnpm or timeout in front of it send the daemon another one. ms
 */
const sameWishMs = 1_000;

/** How often an absent Interface is looked for. */
const interfacePollMs = 1_000;

/**
 * Runs until stopped; resolves when everything is closed.
 * @throws ConfigurationError, and what startNameServer throws
 */
export async function runDaemon(options: RunOptions): Promise<void> {
  const hangups = new Hangups();
  let configuration = await loadConfiguration(options.source);
  const recentLog = new RecentLog();
  const log = createLog(configuration.settings.logLevel, { written: recentLog.add });
  dieOfTheUnexpected(log);
  warnInLog(log);
  for (const warning of configuration.warnings) log.warn(warning);
  // Listening from here on: a signal during start-up stops as soon as there is something to stop.
  const stopping = new AbortController();
  stopOnSignals(log, stopping);
  if (options.stopOnStdinEnd) stopOnEndOfInput(log, stopping);
  ignoreTerminal();
  const readAgain = async () => {
    if (!hangups.take()) return;
    configuration = (await readOrLog(options.source, log)) ?? configuration;
    log.level = configuration.settings.logLevel;
  };

  try {
    const find = () => findBindAddress(configuration.settings, localInterfaces());
    let bind = find();
    for (let attempt = 0; 'message' in bind; attempt++) {
      const problem = problemWith(configuration, 'interface', bind.message);
      if (!options.waitForInterface) throw new ConfigurationError([problem]);
      if (attempt === 0) log.warn(`waiting for the network: ${formatProblem(problem)}`);
      await delay(interfacePollMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      await readAgain();
      bind = find();
    }
    const { settings, confFile } = configuration;
    const server = await startNameServer({
      settings,
      bindAddress: bind.address,
      confFile,
      log,
      recentLog,
      reload: () => loadConfiguration(options.source),
      workerProgram: options.workerProgram,
    });
    hangups.each(() => void reload(server));
    await aborted(stopping.signal);
    const { inFlight } = await server.close();
    log.info({ inFlight }, `stopped, ${count(inFlight, 'request')} in flight finished`);
  } finally {
    // Its end is no news any more; but listening to it would keep the process alive, also one that
    // could not start.
    stopping.abort();
    if (options.stopOnStdinEnd) process.stdin.destroy();
    await new Promise((resolve) => log.flush(resolve));
  }
}

/** SIGHUP from the beginning on: what comes before it can be acted on is not lost. */
class Hangups {
  private hasCome = false;
  private came: (() => void) | null = null;

  constructor() {
    process.on('SIGHUP', () => {
      if (this.came === null) this.hasCome = true;
      else this.came();
    });
  }

  /** Whether one has come since this was asked last. */
  take(): boolean {
    const { hasCome } = this;
    this.hasCome = false;
    return hasCome;
  }

  /** `came` is called for each from now on, and for those that nobody took. */
  each(came: () => void): void {
    this.came = came;
    if (this.take()) came();
  }
}

/** The configuration as it is now; null: it has mistakes, which are in the log. */
async function readOrLog(source: ConfigurationSource, log: Logger): Promise<Configuration | null> {
  try {
    const configuration = await loadConfiguration(source);
    for (const warning of configuration.warnings) log.warn(warning);
    return configuration;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const line of error.message.split('\n')) log.error(line);
    return null;
  }
}

/**
 * What others send to have a program do more or less work, and what a terminal sends to one in the background,
 * would stop it. On a terminal that is the terminal's business.
 */
function ignoreTerminal(): void {
  if (!isatty(0)) process.on('SIGTTIN', () => {});
  if (!isatty(1)) process.on('SIGTTOU', () => {});
}

/** What was wrong with ddns.conf is in the log by then. */
async function reload(server: NameServer): Promise<void> {
  await server.reload().catch((error: unknown) => {
    if (!(error instanceof ConfigurationError)) throw error;
  });
}

function stopOnSignals(log: Logger, stopping: AbortController): void {
  let said = { signal: '', at: Number.NEGATIVE_INFINITY };
  for (const signal of stopSignals)
    process.on(signal, () => {
      const at = performance.now();
      if (signal === said.signal && at - said.at < sameWishMs) return;
      said = { signal, at };
      if (stopping.signal.aborted) {
        log.warn(`${signal} again, leaving at once`);
        process.exit(exitCodes.failed);
      }
      log.info(`${signal}, stopping`);
      stopping.abort();
    });
}

function stopOnEndOfInput(log: Logger, stopping: AbortController): void {
  const stop = () => {
    if (stopping.signal.aborted) return;
    log.info('standard input ended, stopping');
    stopping.abort();
  };
  for (const event of ['end', 'close', 'error'] as const) process.stdin.once(event, stop);
  process.stdin.resume();
}

function dieOfTheUnexpected(log: Logger): void {
  const die = (kind: string) => (error: unknown) => {
    try {
      log.fatal({ err: error }, `${kind}, leaving`);
    } finally {
      process.exit(exitCodes.failed);
    }
  };
  process.on('uncaughtException', die('unexpected error'));
  process.on('unhandledRejection', die('unexpected rejection'));
}

/** Node's own warnings, which it writes to standard error and waits for it. */
function warnInLog(log: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.warn({ name }, printable(message)));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
