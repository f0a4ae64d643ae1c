// The life of the daemon's process: reads the configuration, finds the address, starts the name
// server, and then does what signals say. SIGTERM and SIGINT stop it after what is in flight, a
// second one at once; SIGHUP reads ddns.conf again; a failure nobody expected ends the process with
// a line in the log, because a daemon in an unknown state must not go on answering.
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { findBindAddress } from '../shared/config/interface-address.ts';
import { type Configuration, loadConfiguration } from '../shared/config/load.ts';
import type { ConfigurationSource } from '../shared/config/paths.ts';
import { ConfigurationError, formatProblem } from '../shared/config/problem.ts';
import { exitCodes } from '../shared/exit-codes.ts';
import { problemWith } from './check.ts';
import { RecentLog } from './core/recent-log.ts';
import { createLog, type Logger } from './log.ts';
import { type NameServer, startNameServer } from './name-server.ts';

export interface RunOptions {
  source: ConfigurationSource;
  /** when this machine does not have the Interface, wait for it instead of failing */
  waitForInterface: boolean;
  /** stop as for SIGTERM when standard input ends: whoever started the daemon is gone */
  stopOnStdinEnd: boolean;
  /** the program of an acceptor process */
  acceptorProgram: string;
}

/** How often an absent Interface is looked for. */
const interfacePollMs = 1_000;

/**
 * Runs until stopped; resolves when everything is closed.
 * @throws ConfigurationError, and what startNameServer throws
 */
export async function runDaemon(options: RunOptions): Promise<void> {
  const configuration = await loadConfiguration(options.source);
  const { settings, confFile } = configuration;
  const recentLog = new RecentLog();
  const log = createLog(settings.logLevel, { written: recentLog.add });
  dieOfTheUnexpected(log);
  for (const warning of configuration.warnings) log.warn(warning);
  // Listening from here on: a signal during start-up stops as soon as there is something to stop.
  const stopping = new AbortController();
  stopOnSignals(log, stopping);
  if (options.stopOnStdinEnd) stopOnEndOfInput(log, stopping);
  let server: NameServer | null = null;
  process.on('SIGHUP', () => {
    if (server !== null) void reload(server);
  });

  try {
    const bindAddress = await findAddress(configuration, options, log, stopping.signal);
    if (bindAddress === null) return;
    server = await startNameServer({
      settings,
      bindAddress,
      confFile,
      log,
      recentLog,
      reload: () => loadConfiguration(options.source),
      acceptorProgram: options.acceptorProgram,
    });
    await aborted(stopping.signal);
    const { inFlight } = await server.close();
    log.info({ inFlight }, `stopped, ${count(inFlight, 'request')} in flight finished`);
  } finally {
    // Its end is no news any more; but listening to it would keep the process alive, also one that
    // could not start.
    stopping.abort();
    if (options.stopOnStdinEnd) process.stdin.destroy();
  }
}

/** The address to bind to; null when stopped while waiting for it. */
async function findAddress(
  configuration: Configuration,
  { waitForInterface }: RunOptions,
  log: Logger,
  stop: AbortSignal,
): Promise<string | null> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    const bind = findBindAddress(configuration.settings, networkInterfaces());
    if ('address' in bind) return bind.address;
    const problem = problemWith(configuration, 'interface', bind.message);
    if (!waitForInterface) throw new ConfigurationError([problem]);
    if (attempt === 0) log.warn(`waiting for the network: ${formatProblem(problem)}`);
    await delay(interfacePollMs, undefined, { signal: stop }).catch(() => {});
  }
  return null;
}

/** What was wrong with ddns.conf is in the log by then. */
async function reload(server: NameServer): Promise<void> {
  await server.reload().catch((error: unknown) => {
    if (!(error instanceof ConfigurationError)) throw error;
  });
}

function stopOnSignals(log: Logger, stopping: AbortController): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
