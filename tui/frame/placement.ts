// The lines of every `Lines`, placed by Ink's layout, as the lines of a frame. Ink's own rendering takes each
// character apart and writes it again, which costs ten times as much as the rest of a frame.
import type { DOMElement } from 'ink';
import { columnsOf } from '../text/columns.ts';
import { unpainted } from '../theme.ts';

/** The rows of the screen that may be written to. */
interface Span {
  from: number;
  to: number;
}

/** The frame under `root`: exactly `rows` lines. A box shows no rows outside itself. */
export function placedLines(root: DOMElement, rows: number): string[] {
  const frame = new Array<string>(rows).fill('');
  place(root, 0, 0, { from: 0, to: rows }, frame);
  return frame;
}

function place(node: DOMElement, left: number, top: number, span: Span, frame: string[]): void {
  const { yogaNode } = node;
  if (yogaNode === undefined) return;
  // Yoga's positions are relative to the parent.
  const column = left + yogaNode.getComputedLeft();
  const row = top + yogaNode.getComputedTop();
  const from = Math.max(span.from, row);
  const to = Math.min(span.to, row + yogaNode.getComputedHeight());
  const line = node.nodeName === 'ink-text' ? node.internal_transform : undefined;
  if (line !== undefined)
    for (let at = from; at < to; at++)
      frame[at] = withText(frame[at] ?? '', line('', at - row), column);
  else
    for (const child of node.childNodes)
      if (child.nodeName !== '#text') place(child, column, row, { from, to }, frame);
}

/** Puts `text` after what is in the line already; boxes are placed from left to right. */
function withText(line: string, text: string, column: number): string {
  if (text === '') return line;
  return line + ' '.repeat(Math.max(0, column - columnsOf(unpainted(line)))) + text;
}

/** The lines of every `Lines` in the order in which they are read, whatever their places on the screen. */
export function linesInOrder(node: DOMElement): string[] {
  const { yogaNode } = node;
  if (yogaNode === undefined) return [];
  const line = node.nodeName === 'ink-text' ? node.internal_transform : undefined;
  if (line !== undefined)
    return Array.from({ length: yogaNode.getComputedHeight() }, (_, row) => line('', row));
  return node.childNodes.flatMap((child) =>
    child.nodeName === '#text' ? [] : linesInOrder(child),
  );
}
