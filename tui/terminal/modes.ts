// Modes of a terminal that programs change, and leave behind when they end without notice.

/** No scrolling region, positions from the corner; both move the cursor. Then home and clear. */
export const clean = '\u001b[r\u001b[?6l\u001b[H\u001b[2J';

/** The state in which a terminal starts (xterm, Control Sequences). */
const everywhere = [
  // No styles, ASCII as the character set, no insertion, lines that wrap.
  ...['[m', '(B', '[4l', '[?7h'],
  // Arrow keys and keypad in their normal modes.
  ...['[?1l', '>'],
  // No reports of the mouse or of the focus.
  ...['[?1000l', '[?1002l', '[?1003l', '[?1004l', '[?1006l'],
];
/** No keys as xterm's modifyOtherKeys or kitty's protocol report them. Old terminals would print this. */
const modern = ['[>4;0m', '[=0u'];

/** XTWINOPS: the terminal keeps the title that its window has, and gives it back. */
export const keepTitle = '\u001b[22;2t';
export const restoreTitle = '\u001b[23;2t';

/** The bytes that put a terminal into its normal modes. @param isModern whether it ignores what it does not know */
export function normalModes(isModern: boolean): string {
  return [...everywhere, ...(isModern ? modern : [])].map((code) => `\u001b${code}`).join('');
}
