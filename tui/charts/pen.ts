// blessed-contrib's line chart, drawn on one blessed screen that never reaches a terminal, and taken from it as
// lines of text with colours. The program has one such pen, loaded after the first frame because that takes longer
// than the rest of the console; until then charts are blank. Nothing else knows blessed.
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { useSyncExternalStore } from 'react';

/** `missing`: it cannot be loaded, so there are no charts; everything else works. */
type PenState = ChartPen | 'loading' | 'missing';

let pen: PenState = 'loading';
const listeners = new Set<() => void>();

/** Loads the pen, once. Call it when the console's first frame is on the screen. */
export function preparePen(): void {
  if (pen !== 'loading') return;
  try {
    pen = loadChartPen();
  } catch {
    pen = 'missing';
  }
  for (const listener of [...listeners]) listener();
}

/** The pen, or why there is none; a component draws again when that changes. */
export function usePen(): PenState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => pen,
  );
}

interface Widget {
  setData(data: unknown): void;
  destroy(): void;
}

interface BlessedScreen {
  append(widget: Widget): void;
  render(): void;
  screenshot(left: number, right: number, top: number, bottom: number): string;
}

/** What the pen draws. */
export interface LineChartDrawing {
  /** width and height of the picture */
  columns: number;
  rows: number;
  values: readonly number[];
  /** one for each value; blank: none */
  labels: readonly string[];
  /** every how many labels one is drawn, from the first on */
  everyLabel: number;
  /** top of the scale, and how many labels it has, zero included */
  max: number;
  steps: number;
  colour: string;
}

/** Draws charts off screen. */
export interface ChartPen {
  /** Exactly `rows` lines of at most `columns` columns. */
  draw(chart: LineChartDrawing): string[];
}

/** The widget leaves six columns at its right and three rows at its bottom blank. */
const unusedColumns = 6;
const unusedRows = 3;
/** Larger than any chart on the largest terminal worth supporting. */
const screenColumns = 400;
const screenRows = 120;
/** Dots (half columns) to the left of the axis, for labels such as `1.2k`. */
const labelDots = 10;

/** Of the widget's dots, four a row, those at the bottom for axis and labels. */
const footDots = 19;
/** The widget draws lines two dots above their values, the highest ones outside the picture; a little more keeps them
 * inside despite rounding. */
const raisedDots = 2.01;

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'exit', 'uncaughtException'] as const;

/** Loads blessed. @throws Error when it is not installed */
export function loadChartPen(): ChartPen {
  // blessed cannot be bundled: it requires its files by computed names.
  const require = createRequire(import.meta.url);
  const before = signals.map((name) => process.rawListeners(name));
  const blessed = require('blessed') as { screen(options: object): BlessedScreen };
  const line = require('blessed-contrib/lib/widget/charts/line.js') as (options: object) => Widget;
  const output = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: screenColumns,
    rows: screenRows,
  });
  output.resume();
  const screen = blessed.screen({
    input: new PassThrough(),
    output,
    terminal: 'xterm-256color',
    fullUnicode: true,
  });
  // blessed would handle SIGTERM and exit before the console restored the terminal.
  for (const [index, name] of signals.entries())
    for (const listener of process.rawListeners(name))
      if (!before[index]?.includes(listener))
        process.removeListener(name, listener as (...parameters: unknown[]) => void);

  return {
    draw: (chart) => {
      const plotDots = (chart.rows + unusedRows) * 4 - footDots;
      const lowered = (plotDots - raisedDots) / plotDots;
      const widget = line({
        screen,
        left: 0,
        top: 0,
        width: chart.columns + unusedColumns,
        height: chart.rows + unusedRows,
        style: { line: chart.colour, text: 'white', baseline: 'white' },
        xPadding: labelDots,
        xLabelPadding: labelDots,
        numYLabels: chart.steps,
        showNthLabel: chart.everyLabel,
        maxY: chart.max,
        abbreviate: true,
      });
      screen.append(widget);
      widget.setData([
        {
          x: chart.labels.map((label) => (label === '' ? ' ' : label)),
          y: chart.values.map((value) => value * lowered),
          style: { line: chart.colour },
        },
      ]);
      screen.render();
      const picture = screen.screenshot(0, chart.columns, 0, chart.rows);
      widget.destroy();
      return picture.split('\n').slice(0, chart.rows);
    },
  };
}
