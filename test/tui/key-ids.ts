// Keys as bindings name them, for tests of bindings that press several in a row.

/** What a terminal sends for keys that type nothing. */
const named: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\t': 'tab',
  '\u001b': 'escape',
  '\u007f': 'backspace',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001b[5~': 'pageup',
  '\u001b[6~': 'pagedown',
};

/** The ids of the keys that a terminal sends as `bytes`. */
export function idsOf(bytes: string): string[] {
  const keys = bytes.match(/\u001b(?:\[\d*[A-Z~])?|[^\u001b]/gu) ?? [];
  return keys.map((key) => {
    const code = key.charCodeAt(0);
    return named[key] ?? (code < 27 ? `ctrl+${String.fromCharCode(code + 96)}` : key);
  });
}
