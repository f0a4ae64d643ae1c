// Text from the network, made safe for a terminal or a log: control characters, those that only format (bidirectional
// overrides, joiners, tags: nobody sees them), private and unassigned ones, line separators and lone surrogates become
// visible escapes, so that a stranger's bytes cannot move a cursor, change a colour, reverse a line or hide.

const unsafe = /[\p{C}\p{Zl}\p{Zp}]/u;

/** `text` with everything unprintable as `\xNN` or `\u{N}`, and that cut to `limit` characters, with `…` at the cut. */
export function printable(text: string, limit = 200): string {
  if (text.length <= limit && !unsafe.test(text)) return text;
  let shown = '';
  /** up to where there is room for `…` behind whole characters and escapes */
  let cut = 0;
  for (const character of text) {
    shown += unsafe.test(character) ? escaped(character) : character;
    if (shown.length > limit) return `${shown.slice(0, cut)}…`;
    if (shown.length < limit) cut = shown.length;
  }
  return shown;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
