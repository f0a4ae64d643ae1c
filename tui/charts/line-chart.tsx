// A line chart with its title, drawn again only when a bucket ends.
import { Box, Text } from 'ink';
import { type ReactElement, useMemo } from 'react';
import type { Sample } from '../../shared/ipc/status-contract.ts';
import { atEnds } from '../components/layout.ts';
import { Lines, useTheme } from '../components/lines.tsx';
import { cut } from '../text/columns.ts';
import type { Theme } from '../theme.ts';
import { type ChartPen, usePen } from './pen.ts';
import { type ChartMember, type ChartWindow, type Series, scaleFor, seriesOf } from './series.ts';

/** What a chart shows, and how. */
export interface ChartSpec {
  member: ChartMember;
  title: string;
  /** one of the terminal's own colours */
  colour: string;
  /** samples by which its buckets are shifted, so that not all charts are drawn in the same second */
  phase: number;
}

const noCharts = 'no charts: blessed is not installed';

/** Columns of the scale's labels and the axis, which no data may cover. */
const axisColumns = 6;
/** Rows under the data: the axis and the labels. */
const footRows = 2;
/** A label such as `-5m` with the space that the widget wants around it. */
const labelColumns = 6;

/** Blank until the pen is loaded. */
export function LineChart(props: {
  spec: ChartSpec;
  /** spanning as many seconds each as those of `window` */
  samples: readonly Sample[];
  window: ChartWindow;
  /** at the right of the title: the value now */
  now: string;
  columns: number;
  /** including the title */
  rows: number;
}): ReactElement {
  const { spec, samples, window, now, columns, rows } = props;
  const theme = useTheme();
  const pen = usePen();
  const series = useMemo(
    () => seriesOf(samples, spec.member, spec.phase, window),
    [samples, spec, window],
  );
  const key = JSON.stringify([series, columns, rows]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the series
  const picture = useMemo(() => {
    if (pen === 'loading') return [];
    if (pen === 'missing') return ['', theme.paint('label', noCharts)];
    return chartLines(pen, theme, { spec, series, window }, columns, rows - 1);
  }, [key, pen, theme, spec, window]);
  const text = cut(`${spec.title} · ${window.title}`, columns);
  const blanks = Math.floor(((columns - axisColumns) * series.unknown) / window.buckets);
  const title = atEnds(theme.paint('strong', text), now, columns);
  return (
    <Box width={columns} height={rows}>
      <Lines lines={[title, ...picture]} width={columns} />
      {blanks > 0 && picture.length > footRows && (
        <Box position="absolute" marginTop={1} marginLeft={axisColumns}>
          {/* Over the flat line that stands for the time before the first sample. */}
          <Text>
            {Array(picture.length - footRows)
              .fill(' '.repeat(blanks))
              .join('\n')}
          </Text>
        </Box>
      )}
    </Box>
  );
}

function chartLines(
  pen: ChartPen,
  theme: Theme,
  { spec, series, window }: { spec: ChartSpec; series: Series; window: ChartWindow },
  columns: number,
  rows: number,
): string[] {
  const steps = rows >= 11 ? 4 : 2;
  const lines = pen.draw({
    columns,
    rows,
    values: series.values,
    labels: window.labels,
    everyLabel: everyLabel(window, columns - axisColumns),
    max: scaleFor(Math.max(...series.values), steps),
    steps,
    colour: spec.colour,
  });
  return lines.map((line) => theme.picture(line));
}

/** Every label if they fit, else every second one and so on. */
function everyLabel({ buckets, labelBuckets }: ChartWindow, columns: number): number {
  const fitting = Math.max(1, Math.floor(columns / labelColumns));
  return labelBuckets * Math.ceil(buckets / labelBuckets / fitting);
}
