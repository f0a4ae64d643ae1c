// Every colour of the console. A token says what a piece of text means; the theme says how that looks: on a dark
// background or on a light one, with 256 colours, with the 16 of the terminal's own palette, and without any, where
// tokens differ by weight, dimming or reversal. Text has a contrast of at least 4.5 (WCAG 2.2, 1.4.3) with the
// backgrounds that `look.ts` documents; how faint a terminal dims text is unknown, so colours and dimming exclude each
// other.
import type { Colours } from './abilities.ts';

/** What an operator may give a name server, so that nobody takes it for another one. */
export const serverColours = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;
export type ServerColour = (typeof serverColours)[number];

export const tokens = [
  'title',
  'label',
  'strong',
  'accent',
  'good',
  'warn',
  'bad',
  'selected',
  'tab',
  'banner',
  'rule',
  'match',
  'stale',
  ...serverColours,
] as const;
export type Token = (typeof tokens)[number];

/** A part of a line, in one style; plain by default. */
export type TextPart = readonly [text: string, tone?: Token | null];

export type Background = 'dark' | 'light';

export interface Look {
  colours: Colours;
  background: Background;
}

/** Codes that begin a style, and codes that end it. */
type Style = readonly [begin: string, end: string];

const none: Style = ['', ''];
const bold: Style = ['1', '22'];
const dim: Style = ['2', '22'];
const underline: Style = ['4', '24'];
const inverse: Style = ['7', '27'];
const all = (...styles: Style[]): Style => [
  joined(styles.map(([begin]) => begin)),
  joined(styles.map(([, end]) => end).reverse()),
];
const joined = (codes: string[]): string => codes.filter((code) => code !== '').join(';');

type Hue = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'grey';
/** Codes of SGR that set the colour of the text. */
type Hues = Readonly<Record<Hue, string>>;

/** With the usual palettes no grey between black and white can be read, and on a light background only three hues. */
const hueTable: Readonly<Record<Hue, Record<'256' | '16', Record<Background, string>>>> = {
  red: { 256: { dark: '38;5;210', light: '38;5;124' }, 16: { dark: '91', light: '31' } },
  green: { 256: { dark: '38;5;114', light: '38;5;22' }, 16: { dark: '32', light: '34' } },
  yellow: { 256: { dark: '38;5;179', light: '38;5;94' }, 16: { dark: '93', light: '35' } },
  blue: { 256: { dark: '38;5;111', light: '38;5;25' }, 16: { dark: '36', light: '34' } },
  magenta: { 256: { dark: '38;5;176', light: '38;5;90' }, 16: { dark: '95', light: '35' } },
  cyan: { 256: { dark: '38;5;80', light: '38;5;24' }, 16: { dark: '36', light: '34' } },
  grey: { 256: { dark: '38;5;248', light: '38;5;240' }, 16: { dark: '37', light: '30' } },
};

function huesOf(colours: '256' | '16', background: Background): Hues {
  const codes = Object.entries(hueTable).map(([hue, of]) => [hue, of[colours][background]]);
  return Object.fromEntries(codes);
}

/** What stands out by more than the colour of its text. */
type Loud = Record<'bad' | 'selected' | 'banner', Style>;

/** White on deep blue, and black on gold: the background does not matter. */
const loud256: Loud = {
  bad: bold,
  selected: ['38;5;231;48;5;24', '39;49'],
  banner: ['38;5;16;48;5;178', '39;49'],
};

/** Many terminals make bold red a bright one, which is too faint on a light background. */
const loud16: Record<Background, Loud> = {
  dark: { bad: bold, selected: inverse, banner: ['7;93', '27;39'] },
  light: { bad: underline, selected: inverse, banner: ['7;35', '27;39'] },
};

/** Its text is white or black, whichever can be read, so that the background does not matter. */
type OfServers = Record<ServerColour, Style>;

const servers256: OfServers = {
  red: ['1;38;5;231;48;5;124', '22;39;49'],
  green: ['1;38;5;231;48;5;22', '22;39;49'],
  yellow: ['38;5;16;48;5;220', '39;49'],
  blue: ['1;38;5;231;48;5;19', '22;39;49'],
  magenta: ['1;38;5;231;48;5;127', '22;39;49'],
  cyan: ['38;5;16;48;5;44', '39;49'],
};

/** VGA's yellow is a brown, too dark for black text. */
const servers16: OfServers = {
  red: ['97;41', '39;49'],
  green: ['30;42', '39;49'],
  yellow: ['30;103', '39;49'],
  blue: ['97;44', '39;49'],
  magenta: ['97;45', '39;49'],
  cyan: ['30;46', '39;49'],
};

function coloured(
  hues: Hues,
  { bad, selected, banner }: Loud,
  servers: OfServers,
): Record<Token, Style> {
  const hue = (name: Hue): Style => [hues[name], '39'];
  return {
    title: all(bold, hue('cyan')),
    label: hue('grey'),
    strong: bold,
    accent: hue('cyan'),
    good: hue('green'),
    warn: hue('yellow'),
    bad: all(bad, hue('red')),
    selected,
    tab: all(bold, selected),
    banner,
    rule: hue('grey'),
    match: all(underline, hue('cyan')),
    stale: hue('grey'),
    ...servers,
  };
}

const withNone: Record<Token, Style> = {
  title: bold,
  label: dim,
  strong: bold,
  accent: bold,
  good: none,
  warn: bold,
  bad: all(bold, underline),
  selected: inverse,
  tab: all(bold, inverse),
  banner: inverse,
  rule: dim,
  match: underline,
  stale: dim,
  ...(Object.fromEntries(serverColours.map((name) => [name, all(bold, inverse)])) as OfServers),
};

function stylesOf({ colours, background }: Look): Record<Token, Style> {
  if (colours === 'none') return withNone;
  return colours === '256'
    ? coloured(huesOf('256', background), loud256, servers256)
    : coloured(huesOf('16', background), loud16[background], servers16);
}

/** Codes from here on are colours (ECMA-48, SGR). */
const firstColour = 30;

/** Replacements for the colours that a chart library draws in. Its white is the axis and the labels. Without colours the
 * others go. */
function pictureCodes({ colours, background }: Look): Readonly<Record<string, string>> {
  if (colours === 'none') return { 37: `0;${dim[0]}` };
  const { red, green, yellow, blue, magenta, cyan, grey } = huesOf(colours, background);
  return { 31: red, 32: green, 33: yellow, 34: blue, 35: magenta, 36: cyan, 37: grey };
}

export interface Theme {
  paint(token: Token, text: string): string;
  /** A picture drawn in the eight basic colours, in the colours of this theme. */
  picture(text: string): string;
  /** The text without its own styles: how data look that are out of date. */
  stale(text: string): string;
}

/** The theme for a terminal, by default one with 16 colours on a dark background. */
export function createTheme({ colours = '16', background = 'dark' }: Partial<Look> = {}): Theme {
  const styles = stylesOf({ colours, background });
  const codesOf = pictureCodes({ colours, background });
  const paint = (token: Token, text: string) => {
    const [begin, end] = styles[token];
    return begin === '' || text === '' ? text : `\u001b[${begin}m${text}\u001b[${end}m`;
  };
  return {
    paint,
    picture: (text) =>
      text.replace(styled, (_style, codes: string) => {
        const own = codes
          .split(';')
          .map((code) => codesOf[code] ?? code)
          .filter((code) => colours !== 'none' || !(Number(code) >= firstColour));
        return `\u001b[${own.join(';') || '0'}m`;
      }),
    stale: (text) => paint('stale', unpainted(text)),
  };
}

const styled = /\u001b\[([0-9;]*)m/g;

export function unpainted(text: string): string {
  return text.replace(styled, '');
}
