// What stands around the views: the banner, and the words in a window that is too small.
import { bannerTexts } from '../components/banner.ts';
import { minSize } from '../components/layout.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { fitted, wrap } from '../text/columns.ts';
import type { Theme } from '../theme.ts';

/** Shown instead of everything else in a window that is too small. */
export function tooSmallLines(_theme: Theme, { size }: ConsoleState): string[] {
  const { columns, rows } = size;
  const text = `Window too small: ${columns}×${rows}, needs ${minSize.columns}×${minSize.rows}. q quits.`;
  return wrap(text, columns, rows);
}

/** The banner, as many lines as `bannerRows` of the layout. */
export function bannerLines(theme: Theme, state: ConsoleState): string[] {
  return bannerTexts(state).map((text) => theme.paint('banner', fitted(text, state.size.columns)));
}
