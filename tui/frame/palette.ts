// The palette as lines, over the lower part of the view, so that the selection stays in sight. Its height depends on
// the window alone, not on how much is found.

import { bodyColumns, bodyRows } from '../components/layout.ts';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type Palette, paletteOf } from '../console/palette.ts';
import { columnsOf, cut, fitted, safe } from '../text/columns.ts';
import { count } from '../text/format.ts';
import type { Theme } from '../theme.ts';

/** Nobody looks through more; they type. */
const maxRows = 16;
const keyColumns = 14;

/** Rows of the view that the palette covers; 0 when it is closed. */
export function paletteRows(state: ConsoleState): number {
  if (state.prompt?.kind !== 'palette') return 0;
  return Math.min(maxRows, Math.floor(bodyRows(state) / 2) + 1);
}

/** As many lines as `paletteRows`. */
export function paletteLines(theme: Theme, state: ConsoleState): string[] {
  const rows = paletteRows(state);
  if (rows === 0) return [];
  const width = bodyColumns(state);
  const palette = paletteOf(bindings, state);
  const { entries, chosen, problem } = palette;
  const room = rows - 1;
  const top = topEntry(chosen, rows);
  const lines = entries.slice(top, top + room).map(({ shown, help }, index) => {
    const keys = fitted(shown, keyColumns);
    const text = fitted(safe(help, 400), width - keyColumns);
    return top + index === chosen
      ? theme.paint('selected', keys + text)
      : theme.paint('accent', keys) + text;
  });
  if (problem !== null) lines.push(theme.paint('warn', cut(safe(problem, 400), width)));
  return [
    titleLine(theme, palette, width),
    ...lines,
    ...new Array<string>(room - lines.length).fill(''),
  ];
}

/** The first entry in sight: the first row is the title, and the chosen entry is always in sight. */
function topEntry(chosen: number, rows: number): number {
  return Math.max(0, chosen - rows + 2);
}

function titleLine(theme: Theme, { entries, chosen }: Palette, width: number): string {
  const title = 'Commands';
  const place = entries.length === 0 ? '' : ` ${count(chosen + 1)} of ${count(entries.length)}`;
  const rule = '─'.repeat(width - columnsOf(title) - columnsOf(place) - 1);
  return `${theme.paint('title', title)} ${theme.paint('rule', rule)}${theme.paint('label', place)}`;
}
