// A part of the console drawn by itself.
import '../fixture/production.ts';
import { Box, renderToString } from 'ink';
import { createElement, type ReactElement } from 'react';
import { StoreContext } from '../../tui/components/following.ts';
import { WidthContext } from '../../tui/components/styled.tsx';
import { type ConsoleState, reduceConsole } from '../../tui/console/console-state.ts';
import { createStore } from '../../tui/state/common-state.ts';
import { unpainted } from '../../tui/theme.ts';

/** The lines of `part` in that many columns, without styles. */
export function linesOf(part: ReactElement, columns: number): string[] {
  return paintedLinesOf(part, columns).map(unpainted);
}

/** The same with styles, in the sixteen colours of a terminal. */
export function paintedLinesOf(part: ReactElement, columns: number): string[] {
  const column = createElement(Box, { flexDirection: 'column' }, part);
  const pane = createElement(WidthContext, { value: columns }, column);
  return renderToString(pane, { columns }).split('\n');
}

/** The lines of a part of the frame, which follows the store, across the whole window and without styles. */
export function frameLinesOf(part: () => ReactElement | null, state: ConsoleState): string[] {
  const value = createStore(state, reduceConsole);
  return linesOf(createElement(StoreContext, { value }, createElement(part)), state.size.columns);
}
