// Prepared lines of styled text, and what every component knows without being given it.
import { Box, Text } from 'ink';
import { createContext, type ReactElement, useContext } from 'react';
import { createTheme, type Theme } from '../theme.ts';

export const ThemeContext = createContext<Theme>(createTheme());
/** Makes of a line what the terminal can show. */
export const AdaptContext = createContext<(line: string) => string>((line) => line);
/** Whether data on the screen are out of date: then they are dimmed. */
export const StaleContext = createContext(false);
/** Whether a screen reader speaks the lines. */
export const ReadContext = createContext(false);

/** The theme of the program. */
export function useTheme(): Theme {
  return useContext(ThemeContext);
}

interface LinesProps {
  /** each at most `width` columns wide */
  lines: readonly string[];
  width: number;
  /** never dimmed; by default lines are while data are out of date */
  steady?: boolean;
  /** what a screen reader speaks instead, where `lines` only make sense to the eye */
  read?: readonly string[];
}

/** A block of prepared lines. */
export function Lines({ lines, width, steady = false, read }: LinesProps): ReactElement | null {
  const isDimmed = useContext(StaleContext) && !steady;
  const isRead = useContext(ReadContext);
  const adapt = useContext(AdaptContext);
  const theme = useTheme();
  const chosen = isRead && read ? read : lines;
  if (chosen.length === 0 || width <= 0) return null;
  return (
    <Box flexDirection="column" flexShrink={0} width={isRead ? undefined : width}>
      {chosen.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is what stands in its row
        <Text key={row} wrap="truncate">
          {/* A text without a character takes no row. */}
          {adapt(isDimmed ? theme.stale(line) : line) || ' '}
        </Text>
      ))}
    </Box>
  );
}

/** What a view shows before the first snapshot. */
export function WaitingLines({ width }: { width: number }): ReactElement {
  const text = useTheme().paint('label', 'waiting for the name server …');
  return <Lines lines={['', text]} width={width} />;
}
