// Every colour of the console. A token says what a piece of text means; the theme says how that
// looks. Only the 16 colours of the terminal's own palette are used, so that they fit its background,
// and each token stays distinct without colour (NO_COLOR) by weight, dimming or reversal.
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
] as const;
export type Token = (typeof tokens)[number];

/** Codes that begin a style and end it again. */
type Style = readonly [begin: string, end: string];

const bold: Style = ['1', '22'];
const dim: Style = ['2', '22'];
const inverse: Style = ['7', '27'];
const colour = (code: number): Style => [String(code), '39'];
const both = (first: Style, second: Style): Style => [
  `${first[0]};${second[0]}`,
  `${second[1]};${first[1]}`,
];

const coloured: Record<Token, Style> = {
  title: both(bold, colour(36)),
  label: dim,
  strong: bold,
  accent: colour(36),
  good: colour(32),
  warn: colour(33),
  bad: both(bold, colour(31)),
  selected: inverse,
  tab: both(bold, inverse),
  banner: both(inverse, colour(33)),
  rule: dim,
};

const uncoloured: Record<Token, Style> = {
  title: bold,
  label: dim,
  strong: bold,
  accent: bold,
  good: ['', ''],
  warn: bold,
  bad: both(bold, ['4', '24']),
  selected: inverse,
  tab: both(bold, inverse),
  banner: inverse,
  rule: dim,
};

export interface Theme {
  /** Whether colours may be used at all. */
  readonly colour: boolean;
  /** `text` in the style of `token`. */
  paint(token: Token, text: string): string;
}

/** @param env `NO_COLOR`, set to anything but the empty string, takes every colour out. */
export function createTheme(env: Record<string, string | undefined>): Theme {
  const hasColour = !env.NO_COLOR;
  const styles = hasColour ? coloured : uncoloured;
  return {
    colour: hasColour,
    paint: (token, text) => {
      const [begin, end] = styles[token];
      return begin === '' || text === '' ? text : `\u001b[${begin}m${text}\u001b[${end}m`;
    },
  };
}

const escapes = /\u001b\[[0-9;]*m/g;

/** `text` without the styles that a theme gave it. */
export function unpainted(text: string): string {
  return text.replace(escapes, '');
}

/** `text` without its own styles, all of it dimmed: how data looks that is no longer live. */
export function dimmed(text: string): string {
  return `\u001b[2m${unpainted(text)}\u001b[22m`;
}
