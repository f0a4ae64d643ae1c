// Every colour of the console. A token says what a piece of text means; the theme says how that looks with 256
// colours, with the 16 of the terminal's own palette, and without any, where tokens differ by weight, dimming or
// reversal. The 256 do not follow the terminal's background, so those used on it are of middle lightness: readable on
// a dark and on a light one.
import { type Colours, coloursOf, type Environment } from './abilities.ts';

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
] as const;
export type Token = (typeof tokens)[number];

/** A part of a row, in one style; null: plain. */
export type TextPart = readonly [text: string, tone: Token | null];

/** Codes that begin a style, and codes that end it. */
type Style = readonly [begin: string, end: string];

const none: Style = ['', ''];
const bold: Style = ['1', '22'];
const dim: Style = ['2', '22'];
const underline: Style = ['4', '24'];
const inverse: Style = ['7', '27'];
const colour = (code: number): Style => [String(code), '39'];
const indexed = (index: number): Style => [`38;5;${index}`, '39'];
const on = (index: number): Style => [`48;5;${index}`, '49'];
const all = (...styles: Style[]): Style => [
  styles.map(([begin]) => begin).join(';'),
  styles
    .map(([, end]) => end)
    .reverse()
    .join(';'),
];

/** Indices of the 256. Colours used on the background have a contrast of at least 3.3 with white and with black;
 * `ink` is for text on a coloured ground. */
const palette = {
  red: 167,
  green: 65,
  yellow: 136,
  blue: 67,
  magenta: 133,
  cyan: 31,
  grey: 244,
  deep: 24,
  ink: { light: 231, dark: 16 },
} as const;

const with256: Record<Token, Style> = {
  title: all(bold, indexed(palette.cyan)),
  label: indexed(palette.grey),
  strong: bold,
  accent: indexed(palette.cyan),
  good: indexed(palette.green),
  warn: indexed(palette.yellow),
  bad: all(bold, indexed(palette.red)),
  selected: all(indexed(palette.ink.light), on(palette.deep)),
  tab: all(bold, indexed(palette.ink.light), on(palette.deep)),
  banner: all(indexed(palette.ink.dark), on(palette.yellow)),
  rule: indexed(palette.grey),
  match: all(bold, indexed(palette.cyan)),
};

const with16: Record<Token, Style> = {
  title: all(bold, colour(36)),
  label: dim,
  strong: bold,
  accent: colour(36),
  good: colour(32),
  warn: colour(33),
  bad: all(bold, colour(31)),
  selected: inverse,
  tab: all(bold, inverse),
  banner: all(inverse, colour(33)),
  rule: dim,
  match: all(bold, colour(36)),
};

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
};

const tokenStyles: Record<Colours, Record<Token, Style>> = {
  '256': with256,
  '16': with16,
  none: withNone,
};

/** Codes from here on are colours (ECMA-48, SGR). */
const firstColour = 30;

/** Replacements for the colours that a chart library draws in. Its white is the axis and the labels. Without colours the
 * others go. */
const pictureCodes: Record<Colours, Readonly<Record<string, string>>> = {
  '256': {
    '31': indexed(palette.red)[0],
    '32': indexed(palette.green)[0],
    '33': indexed(palette.yellow)[0],
    '34': indexed(palette.blue)[0],
    '35': indexed(palette.magenta)[0],
    '36': indexed(palette.cyan)[0],
    '37': indexed(palette.grey)[0],
  },
  '16': { '37': `0;${dim[0]}` },
  none: { '37': `0;${dim[0]}` },
};

/** How text looks. */
export interface Theme {
  /** The text in the style of a token. */
  paint(token: Token, text: string): string;
  /** A picture drawn in the eight basic colours, in the colours of this theme. */
  picture(text: string): string;
}

/** @param env gives the number of colours; with NO_COLOR there are none */
export function createTheme(env: Environment): Theme {
  const colours = coloursOf(env);
  const styles = tokenStyles[colours];
  return {
    paint: (token, text) => {
      const [begin, end] = styles[token];
      return begin === '' || text === '' ? text : `\u001b[${begin}m${text}\u001b[${end}m`;
    },
    picture: (text) =>
      text.replace(styled, (_style, codes: string) => {
        const own = codes
          .split(';')
          .map((code) => pictureCodes[colours][code] ?? code)
          .filter((code) => colours !== 'none' || !(Number(code) >= firstColour));
        return `\u001b[${own.join(';') || '0'}m`;
      }),
  };
}

const styled = /\u001b\[([0-9;]*)m/g;

/** The text without styles. */
export function unpainted(text: string): string {
  return text.replace(styled, '');
}

/** The text without its own styles, dimmed: how stale data look. */
export function dimmed(text: string): string {
  return `\u001b[2m${unpainted(text)}\u001b[22m`;
}
