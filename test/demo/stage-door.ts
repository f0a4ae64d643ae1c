// The other end of the stage, in the program that shows the demo network: starts it in a process of
// its own, hands on what it tells, and waits for its end.
import { fork } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { isRunning, removeDemoFolder } from './folder.ts';
import type { FromStage, Happening, Network, Summary, ToStage } from './happening.ts';

/** Ending takes some tenths of a second; after this it hangs. */
const endWithinMs = 10_000;

/** Between two looks at name servers that are about to end. */
const lookEveryMs = 50;

export interface StageDoor {
  /** Resolves when the network is there. @throws with the reason when it cannot be */
  readonly ready: Promise<Network>;
  /** Settles when the stage broke down, with the reason. */
  readonly failed: Promise<string>;
  /** Stops what happens. @returns what was */
  finish(): Promise<Summary>;
  /** Ends everything; resolves when the network and its folder are gone. */
  close(): Promise<void>;
}

export function openStage(options: {
  folder: string;
  seed: number;
  onHappening(happening: Happening): void;
}): StageDoor {
  const { folder, seed, onHappening } = options;
  const child = fork(process.argv[1] ?? '', ['--stage', folder, '--seed', String(seed)], {
    // In a process group of its own: Ctrl-C and Ctrl-Z of the terminal are for the program in front.
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
  /** Processes of the name servers, those that ended too. */
  const servers = new Set<number>();
  child.on('message', (message: FromStage) => {
    if (message.type === 'ready') for (const { pid } of message.network.servers) servers.add(pid);
    else if (message.type === 'happening' && message.happening.kind === 'up')
      servers.add(message.happening.pid);
    if (message.type === 'ready') settleReady(message.network);
    else if (message.type === 'failed') settleFailed(message.text);
    else if (message.type === 'summary') settleSummary(message.summary);
    else onHappening(message.happening);
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
      const message: ToStage = { type: 'finish' };
      if (child.connected) child.send(message, () => {});
      return orFailure(summary);
    },
    close: async () => {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
      await exited;
      clearTimeout(late);
      // It has done so, unless it was killed. Then the name servers end by themselves, and would write their
      // files anew if those were taken from under them.
      const until = performance.now() + endWithinMs;
      while ([...servers].some(isRunning) && performance.now() < until) await wait(lookEveryMs);
      await removeDemoFolder(folder);
    },
  };
}
