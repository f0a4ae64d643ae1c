// Prepared lines of styled text, placed by Ink. Ink caches the size and the wrapping of every text it
// ever saw and never lets go of one; a console whose text changes every second would grow for ever.
// So Ink measures a block of blanks, the same for every frame, and a transform puts the lines in.
import { Text, Transform, useIsScreenReaderEnabled } from 'ink';
import type { ReactElement } from 'react';
import { dimmed, unpainted } from '../theme.ts';
import { useSelected } from './console-context.ts';

export interface LinesProps {
  /** each at most `width` columns wide */
  lines: readonly string[];
  width: number;
  /** shown as it is even when the connection is lost; by default such data is dimmed */
  steady?: boolean;
}

export function Lines({ lines, width, steady = false }: LinesProps): ReactElement | null {
  const isStale = useSelected((state) => state.connection.phase === 'lost') && !steady;
  const isRead = useIsScreenReaderEnabled();
  if (lines.length === 0 || width <= 0) return null;
  const shown = isStale ? lines.map(dimmed) : lines;
  const row = ' '.repeat(width);
  return (
    <Transform
      transform={(_blank, index) => shown[index] ?? ''}
      accessibilityLabel={isRead ? lines.map(unpainted).join('\n') : undefined}
    >
      <Text wrap="truncate">{lines.map(() => row).join('\n')}</Text>
    </Transform>
  );
}
