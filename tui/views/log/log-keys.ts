// Keys of the Log view.

import { besideLevel } from '../../daemon/actions.ts';
import { bindingsOf, type Keys } from '../../keys/binding.ts';
import { ask, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import { latestData } from '../../state/shown.ts';
import { type LogAction, type LogState, nextLevel, type WithLog } from './log-state.ts';

function change(
  keys: readonly string[],
  label: string,
  help: string,
  next: (log: LogState) => LogState,
): Keys<WithLog, LogAction> {
  const run: Keys<WithLog, LogAction>['run'] = (target) =>
    target.dispatch({ type: 'log', change: next });
  return { keys, label, help, run };
}

/** Asks to set the LogLevel beside the one in force. */
function logKey(key: string, by: 1 | -1, help: string): Keys<WithLog, LogAction> {
  const next = (state: WithLog) => {
    const data = latestData(state);
    return data === null ? null : besideLevel(data.status.log.level, by);
  };
  return {
    keys: [key],
    help: `${help} (asks first)`,
    changes: true,
    enabled: (state) => next(state) !== null,
    run: (target) => {
      const level = next(target.state());
      if (level !== null) ask(target, { action: 'log', level });
    },
  };
}

export const logKeys = bindingsOf<WithLog, LogAction>('log', [
  ...filterKeys(({ log }: WithLog) => log.filter),
  change(['L'], 'level', 'cycle the level shown: errors, warnings, info, debug, all', nextLevel),
  change(['w', 'enter'], 'wrap', 'wrap or truncate long lines', (log) => ({
    ...log,
    isWrapped: !log.isWrapped,
  })),
  { ...logKey('+', 1, 'more verbose (LogLevel)'), label: 'verbosity', hint: '+ -' },
  logKey('-', -1, 'less verbose (LogLevel)'),
  ...moveKeys((move): LogAction => ({ type: 'log-scroll', move })).map((binding) =>
    binding.keys.includes('end') ? { ...binding, help: 'newest line; follow new ones' } : binding,
  ),
]);
