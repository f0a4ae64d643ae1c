// What of the screen follows from the state without a layout: everything around the view. It is on the
// screen before Ink is loaded, which takes longer than all that comes before; Ink then draws the same.

import { bodyRows, isTooSmall, minSize } from '../components/layout.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { wrap } from '../text/columns.ts';
import type { Theme } from '../theme.ts';
import { bannerLines } from './banner.ts';
import { footerLine } from './footer.ts';
import { headerLines } from './header.ts';

/** The whole frame with an empty view. */
export function shellLines(theme: Theme, state: ConsoleState): string[] {
  if (isTooSmall(state)) return tooSmallLines(theme, state);
  const view = new Array<string>(bodyRows(state)).fill('');
  return [
    ...headerLines(theme, state),
    ...bannerLines(theme, state),
    ...view,
    ...footerLines(theme, state),
  ];
}

export function footerLines(theme: Theme, state: ConsoleState): string[] {
  return [footerLine(theme, state)];
}

/** Instead of everything else. */
export function tooSmallLines(_theme: Theme, { size }: ConsoleState): string[] {
  const { columns, rows } = size;
  const text = `This window has ${columns}×${rows}; please give it ${minSize.columns}×${minSize.rows}. q quits.`;
  return wrap(text, columns, rows);
}
