// The servers of the project as contenders: ddnsd, and the bare Node server beside it.
import { freePort } from '../fixture/free-port.ts';
import type { Contender, JobLoad } from './comparison.ts';
import { type DdnsdOptions, startDdnsd } from './ddnsd-server.ts';
import { keptFolder } from './kept.ts';
import { type MeasuredServer, startMeasured } from './measured-server.ts';
import { programCommand } from './program.ts';

export type Jobs = Readonly<Record<string, JobLoad>>;

/** `bytes` for each line, `longBytes` for the line `all`. */
export async function startBare(bytes: number, longBytes = bytes): Promise<MeasuredServer> {
  const port = await freePort();
  const numbers = [port, bytes, longBytes].map(String);
  const command = programCommand('bare-server.ts', ...numbers);
  return startMeasured({ command, port, folder: keptFolder() });
}

export function bareContender(bytes: number, jobs: Jobs): Contender {
  return { name: `bare net server, ${bytes} B`, start: () => startBare(bytes), jobs };
}

export function ddnsdContender(about: string, options: DdnsdOptions, jobs: Jobs): Contender {
  return { name: `${options.build.name}, ${about}`, start: () => startDdnsd(options), jobs };
}
