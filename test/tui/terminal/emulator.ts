// A terminal in the test's process, to see what bytes make of its screen.
import xterm from '@xterm/headless';
import type { Size } from '../../../tui/terminal/frame-diff.ts';

/** What a terminal of `size` shows after it was sent `writes`: characters with their styles. */
export async function shownAfter(size: Size, ...writes: string[]): Promise<string[]> {
  const terminal = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    allowProposedApi: true,
  });
  // The console is on the alternate screen, which keeps nothing that scrolls out of it.
  for (const bytes of ['\u001b[?1049h', ...writes])
    await new Promise<void>((done) => terminal.write(bytes, done));
  const lines: string[] = [];
  for (let row = 0; row < size.rows; row += 1) {
    const line = terminal.buffer.active.getLine(row);
    let text = '';
    for (let column = 0; column < size.columns; column += 1) {
      const cell = line?.getCell(column);
      if (!cell || cell.getWidth() === 0) continue;
      // A space has no visible colour or weight.
      if (!cell.getChars().trim() && !cell.isInverse()) {
        text += ' ';
        continue;
      }
      const style = `${cell.isBold() ? 'b' : ''}${cell.isDim() ? 'd' : ''}${cell.isInverse() ? 'i' : ''}${cell.getFgColor()}`;
      text += `${cell.getChars() || ' '}${style === '-1' ? '' : `<${style}>`}`;
    }
    lines.push(text);
  }
  terminal.dispose();
  return lines;
}
