// Copies addresses to the clipboard of the operator's terminal, wherever that runs: OSC 52 goes through SSH. A
// terminal may ignore it without saying so; tmux and screen pass it on when they are set up to. Addresses come
// from the network: only printable characters are copied, as the operator sees them.
import { printable } from '../../shared/output/printable.ts';
import type { Notice } from '../state/common-state.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';

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

/** @param write to the terminal */
export function copyAddresses(
  addresses: readonly string[],
  write: (text: string) => unknown,
): Notice {
  const { sequence, copied } = clipboardSequence(addresses.map((address) => printable(address)));
  write(sequence);
  const [only] = addresses;
  const what =
    only !== undefined && addresses.length === 1
      ? safe(only)
      : `${copied < addresses.length ? `the first ${count(copied)} of ` : ''}${count(addresses.length)} addresses`;
  return { tone: 'good', text: `copied ${what} (if the terminal supports OSC 52)` };
}
