// The terminal's abilities, from the environment alone: colours, characters, whether it has a screen to fill, and
// whether a screen reader is used. Asking the terminal would take a round trip, and not every terminal answers. Pure.

export type Environment = Readonly<Record<string, string | undefined>>;

/** Number of colours; `16` are those of the terminal's own palette. */
export type Colours = 'none' | '16' | '256';

export interface Abilities {
  colours: Colours;
  characters: 'unicode' | 'ascii';
  /** Text can be placed anywhere on it. */
  hasScreen: boolean;
  /** It restores what it showed before a program filled it. */
  restoresScreen: boolean;
  /** A screen reader speaks what is written. */
  isRead: boolean;
}

const withoutScreen = /^(?:dumb|unknown)$/;
/** Terminals, and emulations of them, from before UTF-8 and alternate screens. */
const old = /^(?:vt\d|ansi|cons25)/;
/** The system console supports UTF-8, but the few hundred characters of its font have no Braille. */
const systemConsole = /^linux/;
const monochrome = /^vt\d|-m(?:ono)?$/;
const with256 = /256color|-direct|^(?:alacritty|contour|foot|wezterm|xterm-ghostty|xterm-kitty)/;

/** The abilities of the terminal that `env` describes. */
export function abilitiesOf(env: Environment, platform: NodeJS.Platform = 'linux'): Abilities {
  const term = env.TERM ?? '';
  const hasScreen = !withoutScreen.test(term);
  const restoresScreen = hasScreen && !old.test(term) && !systemConsole.test(term);
  const isUnicode = platform === 'win32' ? Boolean(env.WT_SESSION) : isUtf8(env);
  return {
    colours: coloursOf(env),
    characters: restoresScreen && isUnicode ? 'unicode' : 'ascii',
    hasScreen,
    restoresScreen,
    // Ink's own variable; more values mean false here.
    isRead: !['', '0', 'false', undefined].includes(env.INK_SCREEN_READER),
  };
}

/** NO_COLOR (no-color.org) outweighs FORCE_COLOR (force-color.org), and that what TERM says. */
export function coloursOf(env: Environment): Colours {
  if (env.NO_COLOR) return 'none';
  switch (env.FORCE_COLOR) {
    case '0':
    case 'false':
      return 'none';
    case '1':
      return '16';
    case '2':
    case '3':
      return '256';
  }
  const term = env.TERM ?? '';
  if (withoutScreen.test(term) || monochrome.test(term)) return 'none';
  if (systemConsole.test(term)) return '16';
  const isTrue = env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit';
  return isTrue || with256.test(term) ? '256' : '16';
}

/** The first of them that is set and not empty decides (POSIX, Environment Variables); without any, the
 * locale is that of plain ASCII. */
function isUtf8({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
