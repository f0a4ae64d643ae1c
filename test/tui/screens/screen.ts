// One screen of the console in a known state, for tests that compare whole frames.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import type { ViewName } from '../../../tui/state/common-state.ts';

export interface Screen {
  /** what the test's title says */
  name: string;
  view: ViewName;
  /** what leads there from a console that just attached */
  actions?: readonly ConsoleAction[];
}
