// Shows a demo network: as a console on its first name server, or as a line for each thing that
// happens in it, for some seconds. Whatever way it ends, the network ends with it.
import { constants } from 'node:os';
import { exitCodes } from '../../shared/program.ts';
import { createOutput } from '../../tui/cli/plain/output.ts';
import { makeDemoFolder } from './folder.ts';
import type { Happening, Network } from './happening.ts';
import { happeningLine, networkText, summaryText } from './lines.ts';
import { openStage, type StageDoor } from './stage-door.ts';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns the exit code @throws with the reason when the network cannot be made */
export async function showInConsole(seed: number): Promise<number> {
  const { signals, code } = listenForEnding();
  const stage = openStage({ folder: await makeDemoFolder(), seed, onHappening: () => {} });
  try {
    const network = await Promise.race([stage.ready, code]);
    if (typeof network === 'number') return network;
    process.stdout.write(networkText(network));
    signals.close();
    return await attach(network, stage);
  } finally {
    signals.close();
    await stage.close();
  }
}

async function attach({ servers: [first] }: Network, stage: StageDoor): Promise<number> {
  const { runFullScreen } = await import('../../tui/app/full-screen.ts');
  let failure: string | null = null;
  void stage.failed.then((text) => {
    failure = text;
    // The console ends as it does for a signal: with the terminal as it was.
    process.emit('SIGTERM', 'SIGTERM');
  });
  const code = await runFullScreen({
    socketPath: first?.socket ?? '',
    view: 'overview',
    readOnly: false,
    mouse: false,
    opening: {},
    env: process.env,
  });
  if (failure !== null) throw new Error(failure);
  return code;
}

/** Prints what happens for `seconds`, then what it came to. */
export async function showAsLines(seed: number, seconds: number): Promise<number> {
  const output = createOutput(process.stdout);
  const { signals, code } = listenForEnding();
  let nobodyReads: (code: number) => void = () => {};
  const unread = new Promise<number>((resolve) => {
    nobodyReads = resolve;
  });
  const print = async (text: string) => {
    try {
      if (!(await output.write(text))) nobodyReads(exitCodes.ok);
    } catch (error) {
      process.stderr.write(`ddns-demo: ${(error as Error).message}\n`);
      nobodyReads(exitCodes.failed);
    }
  };
  const stage = openStage({
    folder: await makeDemoFolder(),
    seed,
    onHappening: (happening: Happening) => void print(happeningLine(happening)),
  });
  try {
    const shown = async () => {
      await print(networkText(await stage.ready));
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, seconds * 1_000)),
        stage.failed.then((text) => {
          throw new Error(text);
        }),
      ]);
      const summary = await stage.finish();
      await print(summaryText(seconds, summary));
      return summary.isAgreed ? exitCodes.ok : exitCodes.failed;
    };
    return await Promise.race([shown(), code, unread]);
  } finally {
    signals.close();
    await stage.close();
  }
}

/** From here on a signal ends nothing but `code`, until `close`. */
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
