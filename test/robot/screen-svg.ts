// What a terminal emulator shows, as an SVG picture: one text element for each run of cells in the
// same style, at fixed positions, so that it looks the same whatever font the viewer has.
import type xterm from '@xterm/headless';

const cell = { width: 8, height: 17 };
const padding = { x: 14, top: 40, bottom: 14 };
/** A monospace font's characters are about 0.6 of its size wide. */
const fontSize = 13.3;

/** The colours of a terminal where a program chose none. */
const pages = {
  dark: { background: '#11151c', foreground: '#d6dce5' },
  light: { background: '#fbfaf7', foreground: '#24292f' },
};
type Page = (typeof pages)['dark'];

/** The terminal's own 16 colours, calm ones. */
const palette = [
  '#1c222c',
  '#e06c75',
  '#8fce8b',
  '#e5c07b',
  '#6ea8fe',
  '#c792ea',
  '#62c6d0',
  '#d6dce5',
  '#5c6675',
  '#ef8891',
  '#a9dba5',
  '#f0d197',
  '#8fbcff',
  '#d7aef2',
  '#84d8e0',
  '#ffffff',
];
const fonts = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

interface Run {
  column: number;
  columns: number;
  text: string;
  look: Look;
}

interface Look {
  foreground: string;
  background: string | null;
  bold: boolean;
  dim: boolean;
}

/** @param title what screen readers say, and the text in the window's bar */
export function screenSvg(
  terminal: xterm.Terminal,
  title: string,
  look: keyof typeof pages = 'dark',
): string {
  const page = pages[look];
  const width = Math.round(terminal.cols * cell.width + 2 * padding.x);
  const height = Math.round(terminal.rows * cell.height + padding.top + padding.bottom);
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowSvg(terminal, row, page)).join(
    '',
  );
  const lights = ['#ff6058', '#ffbd2e', '#28c941']
    .map((colour, index) => `<circle cx="${20 + index * 18}" cy="18" r="5.5" fill="${colour}"/>`)
    .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="9" fill="${page.background}"/>`,
    lights,
    `<g font-family="${fonts}" font-size="${fontSize}" xml:space="preserve">`,
    `<text x="${width / 2}" y="23" text-anchor="middle" fill="#7b8494">${escaped(title)}</text>`,
    rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function rowSvg(terminal: xterm.Terminal, row: number, page: Page): string {
  return runsOf(terminal, row, page)
    .map(({ column, columns, text, look }) => {
      const x = padding.x + column * cell.width;
      const y = padding.top + row * cell.height;
      const back =
        look.background === null
          ? ''
          : `<rect x="${x.toFixed(1)}" y="${y}" width="${(columns * cell.width).toFixed(1)}" height="${cell.height}" fill="${look.background}"/>`;
      if (text.trim() === '') return back;
      if (isDrawn(text)) return `${back}${drawn(text, x, y, look)}`;
      const weight = look.bold ? ' font-weight="bold"' : '';
      const opacity = look.dim ? ' opacity="0.6"' : '';
      return `${back}<text x="${x.toFixed(1)}" y="${(y + cell.height * 0.75).toFixed(1)}" textLength="${(columns * cell.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs" fill="${look.foreground}"${weight}${opacity}>${escaped(text)}</text>\n`;
    })
    .join('');
}

/** Braille patterns and lines: fonts draw them in different widths, and with gaps between them. */
function isDrawn(text: string): boolean {
  return /^[\u2800-\u28ff─━ ]+$/.test(text);
}

/** Which dot of a Braille pattern each bit is: column (0 or 1) and row (0 to 3). */
const dots = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
] as const;
const dotSize = 2;

function drawn(text: string, x: number, y: number, look: Look): string {
  let path = '';
  const box = (left: number, top: number, width: number, height: number) => {
    path += `M${left.toFixed(1)} ${top.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}z`;
  };
  for (const [index, character] of [...text].entries()) {
    const left = x + index * cell.width;
    const pattern = (character.codePointAt(0) ?? 0) - 0x2800;
    if (character === '─') box(left, y + cell.height / 2 - 0.5, cell.width, 1);
    else if (character === '━') box(left, y + cell.height / 2 - 1.5, cell.width, 3);
    else if (pattern >= 0)
      for (const [bit, [column, row]] of dots.entries())
        if (pattern & (1 << bit))
          box(
            left + cell.width * (0.25 + 0.5 * column) - dotSize / 2,
            y + cell.height * (0.125 + 0.25 * row) - dotSize / 2,
            dotSize,
            dotSize,
          );
  }
  return `<path d="${path}" fill="${look.foreground}"${look.dim ? ' opacity="0.6"' : ''}/>\n`;
}

function runsOf(terminal: xterm.Terminal, row: number, page: Page): Run[] {
  const { active } = terminal.buffer;
  const line = active.getLine(active.viewportY + row);
  const runs: Run[] = [];
  let key = '';
  for (let column = 0; line && column < terminal.cols; column += 1) {
    const shown = line.getCell(column);
    if (!shown || shown.getWidth() === 0) continue;
    const look = lookOf(shown, page);
    const text = shown.getChars() || ' ';
    const last = runs.at(-1);
    const nextKey = JSON.stringify([look, isDrawn(text) && text !== ' ']);
    // A wide gap between words begins a new run: stretching would shift its words.
    if (last && nextKey === key && !(text !== ' ' && last.text.endsWith('  '))) {
      last.text += text;
      last.columns += shown.getWidth();
    } else {
      runs.push({ column, columns: shown.getWidth(), text, look });
      key = nextKey;
    }
  }
  return runs.map(trimmed);
}

/** Blanks at the end of a run without background need no drawing. */
function trimmed(run: Run): Run {
  if (run.look.background !== null) return run;
  const text = run.text.trimEnd();
  return { ...run, text, columns: run.columns - (run.text.length - text.length) };
}

type TerminalCell = NonNullable<
  ReturnType<NonNullable<ReturnType<xterm.IBuffer['getLine']>>['getCell']>
>;

function lookOf(shown: TerminalCell, { background, foreground }: Page): Look {
  const ink = shown.isFgDefault() ? null : colourOf(shown.getFgColor(), shown.isFgRGB());
  const ground = shown.isBgDefault() ? null : colourOf(shown.getBgColor(), shown.isBgRGB());
  const isInverse = shown.isInverse() !== 0;
  return {
    foreground: (isInverse ? (ground ?? background) : ink) ?? foreground,
    background: isInverse ? (ink ?? foreground) : ground,
    bold: shown.isBold() !== 0,
    dim: shown.isDim() !== 0,
  };
}

/** One of the terminal's own 16, of the cube of 6×6×6 colours or the 24 greys behind them, or a direct one. */
function colourOf(colour: number, isDirect: boolean): string {
  if (isDirect) return hex([colour >> 16, (colour >> 8) & 255, colour & 255]);
  const own = palette[colour];
  if (own !== undefined) return own;
  if (colour >= 232) return hex([0, 0, 0].map(() => 8 + (colour - 232) * 10));
  const cube = colour - 16;
  const steps = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return hex(steps.map((step) => (step === 0 ? 0 : 55 + step * 40)));
}

function hex(levels: readonly number[]): string {
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
