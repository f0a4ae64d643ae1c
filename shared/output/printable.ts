// Text from the network, made safe for a terminal or a log: control characters, those that only format (bidirectional
// overrides, joiners, tags: nobody sees them), private and unassigned ones, line separators and lone surrogates become
// visible escapes, so that a stranger's bytes cannot move a cursor, change a colour, reverse a line or hide.

const unsafe = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** `text` cut to `limit` characters, with `…` at the cut, and everything unprintable as `\xNN` or `\u{N}`. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
