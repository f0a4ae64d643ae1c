// Keys of the Log view.

import { besideLevel } from '../../daemon/actions.ts';
import type { Binding } from '../../keys/binding.ts';
import { ask, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import { latestData } from '../../state/shown.ts';
import { type LogAction, type LogState, nextLevel, type WithLog } from './log-state.ts';

const scope = 'log';

function change(
  keys: readonly string[],
  shown: string,
  label: string,
  help: string,
  next: (log: LogState) => LogState,
): Binding<WithLog, LogAction> {
  const run: Binding<WithLog, LogAction>['run'] = (target) =>
    target.dispatch({ type: 'log', change: next });
  return { scope, keys, shown, label, help, run };
}

/** Asks to set the LogLevel beside the one in force. */
function logKey(key: string, by: 1 | -1, help: string): Binding<WithLog, LogAction> {
  const next = (state: WithLog) => {
    const data = latestData(state);
    return data === null ? null : besideLevel(data.status.log.level, by);
  };
  return {
    scope,
    keys: [key],
    shown: key,
    label: '',
    help: `${help} (asks first)`,
    changes: true,
    enabled: (state) => next(state) !== null,
    run: (target) => {
      const level = next(target.state());
      if (level !== null) ask(target, { action: 'log', level });
    },
  };
}

export const logKeys: readonly Binding<WithLog, LogAction>[] = [
  ...filterKeys(scope, ({ log }: WithLog) => log.filter),
  change(
    ['L'],
    'L',
    'level',
    'cycle the level shown: errors, warnings, info, debug, all',
    nextLevel,
  ),
  change(['w', 'enter'], 'w Enter', 'wrap', 'wrap or truncate long lines', (log) => ({
    ...log,
    isWrapped: !log.isWrapped,
  })),
  { ...logKey('+', 1, 'more verbose (LogLevel)'), label: 'verbosity', hint: '+ -' },
  logKey('-', -1, 'less verbose (LogLevel)'),
  ...moveKeys(scope, (move): LogAction => ({ type: 'log-scroll', move })).map((binding) =>
    binding.keys.includes('end') ? { ...binding, help: 'newest line; follow new ones' } : binding,
  ),
];
