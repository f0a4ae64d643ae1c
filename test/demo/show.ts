// Shows a demo network: as a console on its first name server, or as a line for each event, for some seconds. The
// network runs in a process of its own, and ends with this program, in whatever way that ends.

import { fork } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { exitCodes } from '../../shared/program.ts';
import { createOutput } from '../../tui/cli/plain/output.ts';
import {
  type DemoEvent,
  eventLine,
  type FromNetwork,
  type Network,
  networkText,
  type Summary,
  summaryText,
  type ToNetwork,
} from './events.ts';
import { isRunning, makeDemoFolder, removeDemoFolder } from './places.ts';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The console on the first name server, until the operator quits. @returns the exit code @throws Error why the network cannot start */
export async function showInConsole(seed: number): Promise<number> {
  const { signals, code } = listenForEnding();
  const demo = startNetwork({ folder: await makeDemoFolder(), seed, onEvent: () => {} });
  try {
    const network = await Promise.race([demo.ready, code]);
    if (typeof network === 'number') return network;
    process.stdout.write(networkText(network));
    signals.close();
    return await attach(network, demo);
  } finally {
    signals.close();
    await demo.close();
  }
}

async function attach({ servers: [first] }: Network, demo: NetworkProcess): Promise<number> {
  const { runFullScreen } = await import('../../tui/app/full-screen.ts');
  let failure: string | null = null;
  void demo.failed.then((text) => {
    failure = text;
    // The console ends as it does after a signal, and restores the terminal.
    process.emit('SIGTERM', 'SIGTERM');
  });
  const code = await runFullScreen({
    sockets: [{ name: null, path: first?.socket ?? '' }],
    view: 'overview',
    readOnly: false,
    opening: {},
    env: process.env,
  });
  if (failure !== null) throw new Error(failure);
  return code;
}

/** Prints events for `seconds`, then a summary. @returns the exit code: 1 if the name servers disagree in the end */
export async function showAsLines(seed: number, seconds: number): Promise<number> {
  const output = createOutput(process.stdout);
  const { signals, code } = listenForEnding();
  let stopPrinting: (code: number) => void = () => {};
  const unread = new Promise<number>((resolve) => {
    stopPrinting = resolve;
  });
  const print = async (text: string) => {
    try {
      if (!(await output.write(text))) stopPrinting(exitCodes.ok);
    } catch (error) {
      process.stderr.write(`ddns-demo: ${(error as Error).message}\n`);
      stopPrinting(exitCodes.failed);
    }
  };
  const demo = startNetwork({
    folder: await makeDemoFolder(),
    seed,
    onEvent: (event: DemoEvent) => void print(eventLine(event)),
  });
  try {
    const shown = async () => {
      await print(networkText(await demo.ready));
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, seconds * 1_000)),
        demo.failed.then((text) => {
          throw new Error(text);
        }),
      ]);
      const summary = await demo.finish();
      await print(summaryText(seconds, summary));
      return summary.isAgreed ? exitCodes.ok : exitCodes.failed;
    };
    return await Promise.race([shown(), code, unread]);
  } finally {
    signals.close();
    await demo.close();
  }
}

/** Until `close`, a signal resolves `code` with its exit code and does nothing else. */
function listenForEnding() {
  let close = () => {};
  const code = new Promise<number>((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => resolve(128 + (constants.signals[signal] ?? 0));
    for (const signal of endings) process.on(signal, onSignal);
    close = () => {
      for (const signal of endings) process.off(signal, onSignal);
    };
  });
  return { signals: { close: () => close() }, code };
}

/** The network takes some tenths of a second to end; after this it hangs. */
const endWithinMs = 10_000;

/** How often name servers that are ending are checked. */
const lookEveryMs = 50;

export interface NetworkProcess {
  /** Resolves when the network is up. @throws Error why it cannot start */
  readonly ready: Promise<Network>;
  /** Resolves with the reason when the network fails. */
  readonly failed: Promise<string>;
  /** Stops all events and waits until the name servers agree. */
  finish(): Promise<Summary>;
  /** Ends everything; resolves when the network and its folder are gone. */
  close(): Promise<void>;
}

/**
 * Starts the demo network in a process of its own.
 * @param options.seed decides what happens in it
 * @param options.program ddns-demo.js; by default the program that runs
 */
export function startNetwork(options: {
  folder: string;
  seed: number;
  program?: string;
  onEvent(event: DemoEvent): void;
}): NetworkProcess {
  const { folder, seed, program = process.argv[1] ?? '', onEvent } = options;
  const child = fork(program, ['--network', folder, '--seed', String(seed)], {
    // In a process group of its own: Ctrl-C and Ctrl-Z of the terminal are for this one.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-4_096);
  });
  let settleReady: (network: Network) => void = () => {};
  let settleFailed: (text: string) => void = () => {};
  let settleSummary: (summary: Summary) => void = () => {};
  const began = new Promise<Network>((resolve) => {
    settleReady = resolve;
  });
  const failed = new Promise<string>((resolve) => {
    settleFailed = resolve;
  });
  const summary = new Promise<Summary>((resolve) => {
    settleSummary = resolve;
  });
  /** Process ids of all name servers, ended ones too. */
  const servers = new Set<number>();
  child.on('message', (message: FromNetwork) => {
    if (message.type === 'ready') for (const { pid } of message.network.servers) servers.add(pid);
    else if (message.type === 'event' && message.event.kind === 'up')
      servers.add(message.event.pid);
    if (message.type === 'ready') settleReady(message.network);
    else if (message.type === 'failed') settleFailed(message.text);
    else if (message.type === 'summary') settleSummary(message.summary);
    else onEvent(message.event);
  });
  void exited.then(() => settleFailed(lastWords.trim() || 'the demo network has ended by itself'));
  const orFailure = <Result>(result: Promise<Result>): Promise<Result> =>
    Promise.race([
      result,
      failed.then((text) => {
        throw new Error(text);
      }),
    ]);
  return {
    ready: orFailure(began),
    failed,
    finish: () => {
      const message: ToNetwork = { type: 'finish' };
      if (child.connected) child.send(message, () => {});
      return orFailure(summary);
    },
    close: async () => {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
      await exited;
      clearTimeout(late);
      // If the network's process was killed, its name servers end by themselves, and would write their files
      // again if these were removed too early.
      const until = performance.now() + endWithinMs;
      while ([...servers].some(isRunning) && performance.now() < until) await wait(lookEveryMs);
      await removeDemoFolder(folder);
    },
  };
}
