import { EventEmitter } from 'node:events';
import test from 'ava';
import { Box, type DOMElement, render } from 'ink';
import type { ReactElement } from 'react';
import { Lines } from '../../../tui/components/lines.tsx';
import { placedLines } from '../../../tui/frame/placement.ts';

const size = { columns: 20, rows: 6 };

/** What is placed, and how much of it Ink itself wrote. */
function drawn(tree: ReactElement): { lines: string[]; written: string } {
  let written = '';
  const write = (text: string) => {
    written += text;
    return true;
  };
  const stdout = Object.assign(new EventEmitter(), { ...size, isTTY: false, write });
  let root: DOMElement | null = null;
  const ink = render(
    <Box
      position="absolute"
      ref={(node) => {
        root = node;
      }}
    >
      {tree}
    </Box>,
    { stdout: stdout as unknown as NodeJS.WriteStream, debug: true, patchConsole: false },
  );
  const result = { lines: root === null ? [] : placedLines(root, size.rows), written };
  // At its end Ink writes a line break, whatever it has drawn.
  ink.unmount();
  return result;
}

test('placement › lines stand where the layout has them, and Ink writes nothing', (t) => {
  const { lines, written } = drawn(
    <Box flexDirection="column" paddingX={1}>
      <Lines lines={['one']} width={18} />
      <Box marginTop={1} columnGap={2}>
        <Lines lines={['\u001b[1mleft\u001b[22m', 'wide 漢']} width={8} />
        <Lines lines={['right', 'right']} width={8} />
      </Box>
    </Box>,
  );
  t.deepEqual(lines, [
    ' one',
    '',
    ' \u001b[1mleft\u001b[22m      right',
    ' wide 漢   right',
    '',
    '',
  ]);
  t.is(written, '');
});

test('placement › nothing is drawn below the end of a box or of the screen', (t) => {
  const many = Array.from({ length: 9 }, (_, index) => `line ${index}`);
  const { lines } = drawn(
    <Box flexDirection="column">
      <Box height={2} flexDirection="column" flexShrink={0}>
        <Box height={9} flexShrink={0}>
          <Lines lines={many} width={18} />
        </Box>
      </Box>
      <Lines lines={many} width={18} />
    </Box>,
  );
  t.deepEqual(lines, ['line 0', 'line 1', 'line 0', 'line 1', 'line 2', 'line 3']);
});
