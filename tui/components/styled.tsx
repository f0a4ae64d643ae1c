// Text in the styles of the theme, and the blocks of it that several views have.
import { Box, Text } from 'ink';
import { Children, createContext, type ReactElement, type ReactNode, useContext } from 'react';
import { columnsOf, cut, fitted, safe } from '../text/columns.ts';
import type { TextPart, Token } from '../theme.ts';
import { AdaptContext, StaleContext, useTheme } from './lines.tsx';

interface StyledProps {
  /** plain by default */
  as?: Token | null;
  children?: ReactNode;
}

/** Columns of the pane that is written in: longer text is cut with a sign that the terminal has. */
export const WidthContext = createContext(Number.POSITIVE_INFINITY);

/** One line of text, cut at the end of its pane. While data are out of date it is dimmed, whatever its style. */
export function Styled({ as = null, children }: StyledProps): ReactElement {
  const theme = useTheme();
  const adapt = useContext(AdaptContext);
  const isStale = useContext(StaleContext);
  const width = useContext(WidthContext);
  const look = (text: string) =>
    adapt(isStale ? theme.stale(text) : as === null ? text : theme.paint(as, text));
  return (
    <Text wrap="truncate">
      {typeof children === 'string'
        ? look(cut(children, width))
        : Children.map(children, (child) => (typeof child === 'string' ? look(child) : child))}
    </Text>
  );
}

/** One line of parts, each in its own style. */
export function Parts({ parts }: { parts: readonly TextPart[] }): ReactElement {
  if (parts.length === 0) return <Blank />;
  return (
    <Styled>
      {parts.map(([text, tone], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a part is what stands in its place
        <Styled key={index} as={tone}>
          {text}
        </Styled>
      ))}
    </Styled>
  );
}

/** An empty line. */
export function Blank(): ReactElement {
  return <Text> </Text>;
}

interface ParagraphProps {
  lines: readonly string[];
  /** plain by default */
  as?: Token | null;
}

/** Lines in one style, such as those of a paragraph. */
export function Paragraph({ lines, as }: ParagraphProps): ReactElement {
  return (
    <>
      {lines.map((line) => (
        <Styled key={line} as={as}>
          {line}
        </Styled>
      ))}
    </>
  );
}

/** Columns of a summary that its other words may need beside the filter. */
const otherColumns = 40;

interface SummaryProps {
  /** how many rows there are */
  text: string;
  /** the filter that leaves them; empty by default */
  filter?: string;
  /** at the end of the line, whatever else has room; empty by default */
  marked?: string;
  /** at the end of the line; left out when both do not fit */
  right?: string;
  /** `label` by default */
  rightAs?: Token;
  width: number;
}

/** The line above a table. */
export function Summary(props: SummaryProps): ReactElement {
  const { text, filter = '', marked = '', right = '', rightAs = 'label', width } = props;
  const words = filter === '' ? '' : cut(safe(filter), width - otherColumns - marked.length);
  const matching = filter === '' ? '' : '  matching ';
  const free = width - columnsOf(text + matching + words + marked);
  const gap = marked === '' || right === '' ? '' : '   ';
  const shown = columnsOf(gap + right) < free ? gap + right : '';
  return (
    <Styled>
      <Styled as="strong">{text}</Styled>
      <Styled as="label">{matching}</Styled>
      <Styled as="accent">{words}</Styled>
      {' '.repeat(Math.max(0, free - columnsOf(shown)))}
      <Styled as="accent">{marked}</Styled>
      <Styled as={rightAs}>{shown}</Styled>
    </Styled>
  );
}

/** What is known of something: a label, and a line, or several. */
export type Fact = readonly [label: string, value: string | readonly string[], tone?: Token | null];

/** Columns of the labels. */
export const factColumns = 12;

interface FactListProps {
  facts: readonly Fact[];
  /** `factColumns` by default */
  labelColumns?: number;
}

/** Facts in two columns. */
export function FactList({ facts, labelColumns = factColumns }: FactListProps): ReactElement[] {
  const width = useContext(WidthContext) - labelColumns;
  return facts.map(([label, value, tone]) => (
    <Box key={label} flexShrink={0}>
      <Styled as="label">{fitted(label, labelColumns)}</Styled>
      <Box flexDirection="column">
        <WidthContext value={width}>
          <Paragraph lines={typeof value === 'string' ? [value] : value} as={tone} />
        </WidthContext>
      </Box>
    </Box>
  ));
}

/** The same under a title. */
export function Facts({ title, ...list }: FactListProps & { title: string }): ReactElement {
  return (
    <>
      <Styled as="strong">{title}</Styled>
      <FactList {...list} />
    </>
  );
}
