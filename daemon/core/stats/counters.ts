// What is counted since the start. Each number only grows; names are those of the IPC contract.
import { type Counters, counterNames } from '../../../shared/ipc/contract.ts';

export function createCounters(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
