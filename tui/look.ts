// Which theme the console has: that of the command line, else of the environment, else of the console's file, else for
// the background that the terminal tells when it is asked, else a dark one. Colours are readable (theme.ts) on
// backgrounds of these lightnesses: dark ones from black to #2e3440, light ones from white to #eee8d5, and with the
// terminal's own 16 colours on black and on white. Pure.
import { type Abilities, coloursOf, type Environment } from './abilities.ts';
import type { Background, Look } from './theme.ts';

/** `16` are the terminal's own colours, for whichever background it has. */
export const themeNames = ['dark', 'light', '16'] as const;
export type ThemeName = (typeof themeNames)[number];

/** What the theme is chosen by, in order of precedence. */
export interface LookChoice {
  /** `--theme` */
  option?: ThemeName | undefined;
  env: Environment;
  /** `Theme` of the console's file */
  file?: ThemeName | undefined;
  /** the terminal's answer; null: none yet, or none that was understood */
  answer?: Background | null;
}

export function chooseLook(choice: LookChoice): Look {
  const colours = coloursOf(choice.env);
  return {
    colours: colours === '256' && (choice.option ?? choice.file) === '16' ? '16' : colours,
    background: toldBackground(choice) ?? choice.answer ?? 'dark',
  };
}

/** Terminals that neither answer the question nor pass it on; tmux, which calls itself screen too, does. */
const silent = /^(?:screen|linux|vt\d|ansi|cons25|dumb|unknown)/;

/** Whether the terminal is asked for its background: nothing else has told it, and it understands. */
export function asksTerminal(choice: LookChoice, { restoresScreen, isRead }: Abilities): boolean {
  const { env } = choice;
  if (isRead || !restoresScreen || coloursOf(env) === 'none') return false;
  if (silent.test(env.TERM ?? '') && !env.TMUX) return false;
  return toldBackground(choice) === null;
}

function toldBackground({ option, env, file }: LookChoice): Background | null {
  if (option === 'dark' || option === 'light') return option;
  const told = backgroundOfVariable(env.COLORFGBG);
  if (told !== null) return told;
  return file === 'dark' || file === 'light' ? file : null;
}

/**
 * The background that `COLORFGBG` names, as rxvt, Konsole and others set it: `foreground;background` or
 * `foreground;default;background`, each one of the 16. White, and all bright ones but grey, are light.
 */
function backgroundOfVariable(value: string | undefined): Background | null {
  const index = /;(\d{1,2})$/.exec(value ?? '')?.[1];
  if (index === undefined || Number(index) > 15) return null;
  return Number(index) < 7 || index === '8' ? 'dark' : 'light';
}

/** xterm's OSC 11: asks for the colour of the background. */
export const backgroundQuestion = '\u001b]11;?\u001b\\';

const answer =
  /^\u001b\]11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/[\da-f]{1,4})?(?:\u0007|\u001b\\)$/i;

/** The background that a reply of the terminal tells; null: it is no answer to that. */
export function backgroundOfReply(reply: string): Background | null {
  const found = answer.exec(reply);
  if (found === null) return null;
  const [red = 0, green = 0, blue = 0] = found
    .slice(1, 4)
    .map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  // Whichever of black and white has more contrast with it, by WCAG's relative luminance.
  return luminance([red, green, blue]) > 0.179 ? 'light' : 'dark';
}

/** Relative luminance of a colour of sRGB, from 0 to 1 (WCAG 2.2). @param levels red, green and blue, each from 0 to 1 */
export function luminance(levels: readonly [number, number, number]): number {
  const [red, green, blue] = levels.map((level) =>
    level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
