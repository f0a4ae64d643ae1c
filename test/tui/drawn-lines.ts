// A part of the console drawn by itself.
import '../fixture/production.ts';
import { Box, renderToString } from 'ink';
import { createElement, type ReactElement } from 'react';
import { unpainted } from '../../tui/theme.ts';

/** The lines of `part` in that many columns, without styles. */
export function linesOf(part: ReactElement, columns: number): string[] {
  const column = createElement(Box, { flexDirection: 'column' }, part);
  return renderToString(column, { columns }).split('\n').map(unpainted);
}
