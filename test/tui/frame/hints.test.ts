// The keys that the footer names, pressed one by one in every view.
import test from 'ava';
import { bindings } from '../../../tui/console/bindings.ts';
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { type ConsoleTarget, hintsFor } from '../../../tui/console/key-lookup.ts';
import { viewNames } from '../../../tui/state/common-state.ts';
import { frameOf, shownOf } from '../frame-of.tsx';
import { waiting } from '../screens/backlog.ts';
import { configured } from '../screens/config.ts';
import { filled } from '../screens/log.ts';
import { promisedSizes } from '../screens/screens.ts';
import { fleet } from '../screens/situations.ts';

// Wide lines of the log are as they are, whether they would be wrapped or not.
for (const size of promisedSizes)
  for (const view of viewNames)
    if (view !== 'log' || size.columns < 100)
      test(`footer › each key of ${view} at ${size.rows}x${size.columns} does something that is seen`, async (t) => {
        const actions = [fleet, waiting, configured, filled];
        const before = await frameOf({ view, actions }, size);
        const { state } = await shownOf({ view, actions }, size);
        const hints = hintsFor(bindings, state);
        t.true(hints.some(({ label }) => label === 'quit'));
        for (const hint of hints) {
          const done: ConsoleAction[] = [];
          let isAsked = false;
          const target = new Proxy({} as ConsoleTarget, {
            get: (_, name) => {
              if (name === 'state') return () => state;
              if (name === 'dispatch') return (action: ConsoleAction) => done.push(action);
              return () => {
                isAsked = true;
              };
            },
          });
          hint.run(target);
          if (isAsked) continue;
          t.notDeepEqual(
            await frameOf({ view, actions: [...actions, ...done] }, size),
            before,
            `${hint.shown} ${hint.label}`,
          );
        }
      });
