// Whether the terminal gives two columns to characters whose width is ambiguous (UAX #11), such as lines, dots and
// arrows: many can be set so, for Chinese, Japanese or Korean. No variable says it, and a frame with such characters falls
// apart there; so the terminal is asked by what it does. Pure.

/**
 * Two such characters in the first columns, then CPR (ECMA-48): where is the cursor? And the line is empty again. It is the
 * second one: xterm writes F3 with Shift, Ctrl or Alt as the answer to that in the first, `ESC[1;5R`.
 */
export const widthQuestion = '\u001b[2;1H─●\u001b[6n\r\u001b[2K\u001b[H';
/** Where it is behind two characters of one column each. */
const narrowColumn = 3;

/** Behind two characters, of which none, one or both have two columns. */
const answer = /^\u001b\[2;([345])R$/;

/** What a reply of the terminal tells; null: it is no answer to that. */
export function isWideReply(reply: string): boolean | null {
  const column = answer.exec(reply)?.[1];
  return column === undefined ? null : Number(column) > narrowColumn;
}
