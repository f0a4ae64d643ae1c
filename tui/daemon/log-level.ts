// Sets how much a name server logs, in its ddns.conf: the one setting that an operator changes to look at
// something, and changes back.
import type { IpcClient } from '../../shared/ipc/client.ts';
import { type LogStatus, queryLevels } from '../../shared/ipc/log-contract.ts';

export type LogLevel = LogStatus['level'];

const name = 'LogLevel';

/** The level that logs one kind of lines more, or less; null: there is none. */
export function besideLevel(level: LogLevel, by: 1 | -1): LogLevel | null {
  return queryLevels[queryLevels.indexOf(level) + by] ?? null;
}

/** @returns what holds from then on. @throws Error when it was not set, which says why */
export async function setLogLevel(client: IpcClient, level: LogLevel): Promise<string> {
  const { file, fingerprint } = await client.config();
  if (fingerprint === null) throw new Error(`${file} cannot be read; Config says why`);
  const saved = await client.saveConfig({ edits: [{ name, value: level }], fingerprint });
  switch (saved.outcome) {
    case 'refused':
      throw new Error(saved.problems.map(({ message }) => message).join('; '));
    case 'conflict':
      throw new Error(`${file} was changed by somebody else at the same time; try again`);
    case 'unchanged':
      return `${file} says already that ${level} and above is logged`;
    case 'saved': {
      const others = saved.changed.map((change) => change.name).filter((each) => each !== name);
      const more = others.length === 0 ? '' : `; the file had changed ${others.join(', ')} too`;
      return `${level} and above is logged from now on${more}`;
    }
  }
}
