// Puts text into the clipboard of the operator's terminal, wherever that runs: OSC 52 goes through SSH. A
// terminal may ignore it, and does not say so; tmux and screen pass it on when they are set up to.
const begin = '\u001b]52;c;';
const end = '\u0007';

/** Terminals drop what is longer than some bound: 74,994 bytes are the least that the common ones take. */
export const maxCopiedBytes = 65_536;

/** The sequence for as many of `lines` as fit, and how many these are. */
export function clipboardSequence(lines: readonly string[]): { sequence: string; copied: number } {
  let text = '';
  let copied = 0;
  for (const line of lines) {
    const longer = copied === 0 ? line : `${text}\n${line}`;
    if (Buffer.byteLength(longer) > maxCopiedBytes) break;
    text = longer;
    copied += 1;
  }
  const sequence = copied === 0 ? '' : `${begin}${Buffer.from(text).toString('base64')}${end}`;
  return { sequence, copied };
}
