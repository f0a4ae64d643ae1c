// Whether the terminal gives two columns to characters whose width is ambiguous (UAX #11), such as lines, dots and
// arrows: many can be set so, for Chinese, Japanese or Korean. No variable says it, and a frame with such characters falls
// apart there; so the terminal is asked by what it does. Pure.

/** Two such characters in the first columns, then CPR (ECMA-48): where is the cursor? And the line is empty again. */
export const widthQuestion = '\r─●\u001b[6n\r\u001b[2K';
/** Where it is behind two characters of one column each. */
const narrowColumn = 3;

const answer = /^\u001b\[\d+;(\d+)R$/;

/** What a reply of the terminal tells; null: it is no answer to that. */
export function isWideReply(reply: string): boolean | null {
  const column = answer.exec(reply)?.[1];
  return column === undefined ? null : Number(column) > narrowColumn;
}
