// Text from the network, made safe for a terminal or a log: control characters (C0, DEL, C1), bidirectional overrides
// and lone surrogates become visible escapes, so that a stranger's bytes cannot move a cursor, change a colour or
// reverse a line.

const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` cut to `limit` characters, with `…` at the cut, and everything unprintable as `\xNN` or `\u{N}`. */
export function printable(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return cut.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
