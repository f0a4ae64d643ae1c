// Copies addresses to the terminal's clipboard, and says what was copied. They come from the network:
// nothing but what can be printed is copied, as an operator sees it.
import { printable } from '../../shared/output/printable.ts';
import type { Notice } from '../console/console-state.ts';
import { clipboardSequence } from '../terminal/clipboard.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';

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
  return { tone: 'good', text: `copied ${what}, if this terminal lets programs copy (OSC 52)` };
}
