// Runs the daemon: reads the configuration, finds the address to listen on, starts the name server, and acts on
// signals. SIGTERM and the like answer the requests in flight and stop; a second signal stops at once. SIGHUP
// reloads ddns.conf, also one that arrives before the name server runs. Other signals are handled by the starter of
// the program (shared/build/bundle.js). An unexpected error is logged and ends the process, because a daemon in
// an unknown state must not answer.
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { findBindAddress, localInterfaces } from '../../shared/config/interface-address.ts';
import { type Configuration, loadConfiguration } from '../../shared/config/load.ts';
import type { ConfigurationSource } from '../../shared/config/paths.ts';
import { ConfigurationError, formatProblem } from '../../shared/config/problem.ts';
import { fileState } from '../../shared/file-rights.ts';
import { printable } from '../../shared/output/printable.ts';
import { exitCodes } from '../../shared/program.ts';
import { RecentLog } from '../core/stats/recent-log.ts';
import { createLog, type Logger } from '../log.ts';
import { ServiceManager } from '../machine/service-manager.ts';
import { type NameServer, startNameServer } from '../name-server.ts';
import { problemWith } from './check.ts';

export interface RunOptions {
  source: ConfigurationSource;
  /** for the log, besides those of the configuration */
  warnings: readonly string[];
  /** wait for the address of Interface, instead of failing without it */
  waitForInterface: boolean;
  /** stop as with SIGTERM when standard input ends: the process that started the daemon is gone */
  stopOnStdinEnd: boolean;
  /** path of ddnsd-worker */
  workerProgram: string;
}

/** Signals with which terminals, supervisors and containers stop a program. */
const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPWR'] as const;

/**
 * Within this time, in ms, the same signal again counts as one: a terminal sends Ctrl-C to all processes of a
 * command, and npm, pnpm or timeout in front of it send the daemon another one.
 */
const sameWishMs = 1_000;

/** Between two looks for an absent Interface, in ms. */
const interfacePollMs = 1_000;

/**
 * At most, for each megabyte (10^6 bytes) of the registry, in ms: loading takes 25, and bringing the file of an older
 * version up to date some times that, on a machine that may be twenty times slower. Neither must be ended halfway: the next
 * start would begin anew, and be ended as well.
 */
const loadingMsPerMegabyte = 1_000;

/** A start that takes longer, in ms, may take longer than a service manager waits. */
const longStartMs = 10_000;

/**
 * Runs the daemon; resolves when it was stopped and everything is closed.
 * @throws ConfigurationError, and what startNameServer throws
 */
export async function runDaemon(options: RunOptions): Promise<void> {
  const hangups = new Hangups();
  let configuration = await loadConfiguration(options.source);
  const recentLog = new RecentLog();
  const log = createLog(configuration.settings.logLevel, { written: recentLog.add });
  dieOfTheUnexpected(log);
  warnInLog(log);
  for (const warning of [...options.warnings, ...configuration.warnings]) log.warn(warning);
  // From here on a signal stops the daemon as soon as it has started.
  const stopping = new AbortController();
  stopOnSignals(log, stopping);
  if (options.stopOnStdinEnd) stopOnEndOfInput(log, stopping);
  ignoreTerminal();
  const manager = new ServiceManager(process.env, log);
  manager.say('starting');
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
      manager.say(`waiting for the network: ${formatProblem(problem)}`);
      await delay(interfacePollMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      await readAgain();
      bind = find();
    }
    const { settings, confFile } = configuration;
    const mostMs = loadingMs(settings.database);
    if (mostMs >= longStartMs) manager.needs(mostMs);
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
    manager.ready(() => server.describe());
    await aborted(stopping.signal);
    manager.stopping('redirecting nodes and answering open requests');
    const { inFlight } = await server.close();
    log.info({ inFlight }, `stopped; ${count(inFlight, 'request')} in flight answered`);
  } finally {
    // Reading standard input would keep the process alive, also one that failed to start.
    stopping.abort();
    manager.close();
    if (options.stopOnStdinEnd) process.stdin.destroy();
    await new Promise((resolve) => log.flush(resolve));
  }
}

/** Receives SIGHUP from the start on, so that an early one is not lost. */
class Hangups {
  private hasCome = false;
  private came: (() => void) | null = null;

  constructor() {
    process.on('SIGHUP', () => {
      if (this.came === null) this.hasCome = true;
      else this.came();
    });
  }

  /** Whether SIGHUP arrived since the last call. */
  take(): boolean {
    const { hasCome } = this;
    this.hasCome = false;
    return hasCome;
  }

  /** Calls `came` for each SIGHUP from now on, and for an earlier one that was not taken. */
  each(came: () => void): void {
    this.came = came;
    if (this.take()) came();
  }
}

/** The current configuration; null: it has mistakes, which were logged. */
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
 * Ignores SIGTTIN and SIGTTOU, which would stop a daemon in the background. On a terminal they keep their
 * meaning.
 */
function ignoreTerminal(): void {
  if (!isatty(0)) process.on('SIGTTIN', () => {});
  if (!isatty(1)) process.on('SIGTTOU', () => {});
}

/** How long a start with the registry in `file` takes at most, in ms; 0: there is none. */
function loadingMs(file: string): number {
  const bytes = [file, `${file}-wal`].map((each) => fileState(each)?.size ?? 0);
  return (bytes.reduce((sum, each) => sum + each, 0) / 1e6) * loadingMsPerMegabyte;
}

/** Reloads ddns.conf; its mistakes were logged by LiveSettings. */
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
        log.warn(`second signal (${signal}), stopping at once`);
        process.exit(exitCodes.failed);
      }
      log.info(`${signal} received, stopping`);
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
      log.fatal({ err: error }, `${kind}, exiting`);
    } finally {
      process.exit(exitCodes.failed);
    }
  };
  process.on('uncaughtException', die('unexpected error'));
  process.on('unhandledRejection', die('unexpected rejection'));
}

/** Logs the warnings of Node, which it would write to standard error and block. */
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
