// Every colour of the console can be read: whatever the theme, text has a contrast of at least 4.5 with what is behind
// it (WCAG 2.2, 1.4.3), on every background that is promised.
import test from 'ava';
import { luminance } from '../../tui/look.ts';
import { type Background, createTheme, type Look, tokens } from '../../tui/theme.ts';
import { frameOf } from './frame-of.tsx';
import { promisedSizes, screens } from './screens/screens.ts';

const least = 4.5;

type Rgb = readonly [number, number, number];
const hex = (text: string): Rgb =>
  [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb;

/** Of popular colour schemes: xterm, VS Code, One Dark, Solarized and Gruvbox, Nord; xterm, One Light, Gruvbox, Solarized. */
const backgrounds: Record<Background, readonly string[]> = {
  dark: ['000000', '1e1e1e', '282c34', '002b36', '282828', '2e3440'],
  light: ['ffffff', 'fafafa', 'fbf1c7', 'fdf6e3', 'eee8d5'],
};
/** The text's colour without any code, on each kind of background. */
const text: Record<Background, Rgb> = { dark: hex('e5e5e5'), light: hex('000000') };

/** The 16 as xterm has them, and as VGA and the Linux console do. */
const palettes = {
  xterm: [
    '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5',
    '7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
  ],
  VGA: [
    '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa',
    '555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
  ],
} as const;

interface Terminal {
  name: string;
  palette: readonly Rgb[];
  /** whether it shows bold text in the bright colours */
  isBoldBright: boolean;
  background: Rgb;
  foreground: Rgb;
}

function terminals({ colours, background }: Look): Terminal[] {
  const behind = colours === '16' ? backgrounds[background].slice(0, 1) : backgrounds[background];
  return Object.entries(palettes).flatMap(([name, rows]) =>
    [true, false].flatMap((isBoldBright) =>
      behind.map((ground) => ({
        name: `${name} on #${ground}${isBoldBright ? ', bold is bright' : ''}`,
        palette: rows.flatMap((row) => row.split(' ').map(hex)),
        isBoldBright,
        background: hex(ground),
        foreground: text[background],
      })),
    ),
  );
}

/** xterm's 256: after the 16, a cube of 6×6×6 and 24 greys. */
function indexed(index: number, palette: readonly Rgb[]): Rgb {
  if (index < 16) return palette[index] as Rgb;
  if (index >= 232) return [0, 0, 0].map(() => 8 + (index - 232) * 10) as unknown as Rgb;
  const step = (by: number) => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / by) % 6];
  return [step(36), step(6), step(1)] as unknown as Rgb;
}

interface Pen {
  fore: string;
  ground: string;
  isBold: boolean;
  isInverse: boolean;
  isDim: boolean;
}

const blank: Pen = { fore: '39', ground: '49', isBold: false, isInverse: false, isDim: false };

/** The pen after a code of SGR. */
function turned(pen: Pen, code: string): Pen {
  const number = Number(code.split(';')[0] ?? '0');
  if (number === 0) return blank;
  if (number === 1 || number === 22) return { ...pen, isBold: number === 1, isDim: false };
  if (number === 2) return { ...pen, isDim: true };
  if (number === 7 || number === 27) return { ...pen, isInverse: number === 7 };
  if (/^(?:3[0-9]|9[0-7])/.test(code)) return { ...pen, fore: code };
  if (/^(?:4[0-9]|10[0-7])/.test(code)) return { ...pen, ground: code };
  return pen;
}

const codes = /\u001b\[([\d;]*)m/g;
const single = /[34]8;5;\d+|\d+/g;

/** Every pen that something other than a blank is written with. */
function pensIn(line: string): Pen[] {
  const found: Pen[] = [];
  let pen = blank;
  for (const [index, part] of line.split(codes).entries())
    if (index % 2 === 1)
      for (const [code] of (part || '0').matchAll(single)) pen = turned(pen, code);
    else if (part.trim() !== '') found.push(pen);
  return found;
}

function colourOf(code: string, pen: Pen, { palette, isBoldBright, ...own }: Terminal): Rgb {
  if (code === '39') return own.foreground;
  if (code === '49') return own.background;
  if (code.includes(';')) return indexed(Number(code.split(';')[2]), palette);
  const number = Number(code);
  const isBright = number >= 90;
  const index = (number % 10) + (isBright ? 8 : 0);
  return palette[isBoldBright && pen.isBold && number < 40 ? index | 8 : index] as Rgb;
}

const lightness = (rgb: Rgb) => luminance(rgb.map((level) => level / 255) as unknown as Rgb);

function contrastOf(pen: Pen, terminal: Terminal): number {
  const [one, other] = [pen.fore, pen.ground].map((code) =>
    lightness(colourOf(code, pen, terminal)),
  ) as [number, number];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** What cannot be read, in words. */
function faint(pens: Iterable<Pen>, look: Look): string[] {
  return [...pens].flatMap((pen) =>
    terminals(look)
      .filter((terminal) => pen.isDim || contrastOf(pen, terminal) < least)
      .map(
        (terminal) =>
          `${JSON.stringify(pen)}: ${contrastOf(pen, terminal).toFixed(2)} with ${terminal.name}`,
      ),
  );
}

const looks: readonly Look[] = (['256', '16'] as const).flatMap((colours) =>
  (['dark', 'light'] as const).map((background) => ({ colours, background })),
);

const [small, large] = promisedSizes;

type Shown = (typeof screens)[number];

/** Every pen that the screens are written with, and a screen of each. */
async function pensOf(shown: Iterable<Shown>, look: Look, size: typeof small | typeof large) {
  const env = { TERM: look.colours === '256' ? 'xterm-256color' : 'xterm' };
  const found = new Map<string, { pen: Pen; screen: Shown }>();
  for (const screen of shown) {
    const frame = await frameOf(screen, { ...size, env, option: look.background });
    for (const pen of frame.flatMap(pensIn)) {
      const key = JSON.stringify(pen);
      if (!found.has(key)) found.set(key, { pen, screen });
    }
  }
  return found;
}

/** Of the first look, all screens; of the others those that have what the ones before them have not. */
const [firstLook] = looks as [Look];
let inFirstLook: ReturnType<typeof pensOf> | null = null;

function pensInFirstLook() {
  inFirstLook ??= pensOf(screens, firstLook, large);
  return inFirstLook;
}

async function pensInLarge(look: Look) {
  const all = await pensInFirstLook();
  if (look === firstLook) return all;
  return pensOf(new Set([...all.values()].map(({ screen }) => screen)), look, large);
}

for (const look of looks) {
  const name = `${look.colours} colours on a ${look.background} background`;

  test(`contrast › every style and every line of a chart can be read in ${name}`, (t) => {
    const theme = createTheme(look);
    const charts = [31, 32, 33, 34, 35, 36, 37].map((code) =>
      theme.picture(`\u001b[${code}m⠿\u001b[0m`),
    );
    const lines = [
      ...tokens.map((token) => theme.paint(token, token)),
      theme.stale('x'),
      ...charts,
    ];
    t.deepEqual(faint(lines.flatMap(pensIn), look), []);
  });

  test.serial(`contrast › everything on every screen can be read in ${name}`, async (t) => {
    for (const { pen, screen } of (await pensInLarge(look)).values())
      t.deepEqual(faint([pen], look), [], screen.name);
  });
}

test.serial('contrast › a small window has no styles that large ones do not have', async (t) => {
  const known = await pensInFirstLook();
  const others = [...(await pensOf(screens, firstLook, small))].filter(([pen]) => !known.has(pen));
  t.deepEqual(others, []);
});

test('contrast › what is too faint is found', (t) => {
  const look = { colours: '16', background: 'light' } as const;
  t.is(faint(pensIn('\u001b[32mgreen\u001b[39m'), look).length, 4);
  t.is(faint(pensIn('\u001b[1;31mred\u001b[22;39m plain'), look).length, 2);
  t.is(faint(pensIn('\u001b[2mdim\u001b[22m'), look).length, 4);
  t.deepEqual(faint(pensIn('plain \u001b[7minverse\u001b[27m\u001b[33m   \u001b[39m'), look), []);
});
