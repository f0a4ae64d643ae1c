// Keys of the Log view.

import { besideLevel } from '../../daemon/actions.ts';
import { bindingsOf, type Keys } from '../../keys/binding.ts';
import { ask, changing, filterKeys, moveKeys } from '../../keys/common-keys.ts';
import { latestData } from '../../state/shown.ts';
import { scrollLog } from './log-scroll.ts';
import { nextLevel, type WithLog } from './log-state.ts';

const extremes = {
  1: 'LogLevel=trace is the most verbose level',
  [-1]: 'LogLevel=error is the least verbose level',
};

/** Asks to set the LogLevel beside the one in force. */
function logKey(key: string, by: 1 | -1, help: string): Keys<WithLog> {
  const next = (state: WithLog) => {
    const data = latestData(state);
    return data === null ? null : besideLevel(data.status.log.level, by);
  };
  return {
    keys: [key],
    help: `${help} (asks first)`,
    changes: true,
    asks: true,
    enabled: (state) => latestData(state) !== null,
    refusal: (state) => (next(state) === null ? extremes[by] : null),
    run: (target) => {
      const level = next(target.state());
      if (level !== null) ask(target, { action: 'log', level });
    },
  };
}

export const logKeys = bindingsOf<WithLog>('log', [
  ...filterKeys(({ log }: WithLog) => log.filter),
  {
    keys: ['L'],
    label: 'level',
    help: 'cycle the level shown: errors, warnings, info, debug, all',
    run: changing('log', nextLevel),
  },
  {
    keys: ['w', 'enter'],
    label: 'wrap',
    help: 'wrap or truncate long lines',
    run: changing('log', (log) => ({ ...log, isWrapped: !log.isWrapped })),
  },
  { ...logKey('+', 1, 'make the log more verbose (LogLevel)'), label: 'verbosity', hint: '+ -' },
  logKey('-', -1, 'make the log less verbose (LogLevel)'),
  ...moveKeys('log', scrollLog, { end: 'newest line; follow new ones' }),
]);
