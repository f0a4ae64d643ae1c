// What the command line says of the view that the console begins with, as its keys would have set it.
import type { HostsState } from '../views/hosts/hosts-state.ts';
import type { LogState } from '../views/log/log-state.ts';
import type { ConsoleState } from './console-state.ts';
import { withFilter } from './filters.ts';

export interface Opening {
  /** of the view that is shown */
  filter?: string;
  /** of the hosts */
  sort?: HostsState['sort'];
  /** of the log */
  level?: LogState['level'];
}

export function opened(state: ConsoleState, { filter = '', sort, level }: Opening): ConsoleState {
  const filtered = withFilter(state, filter);
  const { hosts, log } = filtered;
  return {
    ...filtered,
    hosts: sort === undefined ? hosts : { ...hosts, sort },
    log: level === undefined ? log : { ...log, level },
  };
}
