// The part of the IPC contract (contract.ts) that is about ddns.conf: what is in force, what a change
// would do, and saving it. The value of Secret is never in any of it: texts have it masked
// (shared/config/masked-text.ts), and a masked line that comes back unchanged keeps its value.
import { RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { Applies } from '../config/settings.ts';
import type { ReloadResult, SettingChange } from './contract.ts';
import type { changeParams, noParams, saveParams } from './params.ts';

/**
 * Longest text of a ddns.conf that a console can edit, in characters: a few hundred times what the
 * settings need, and with its escapes still well under what one request may have.
 */
export const maxEditedCharacters = 131_072;

/** Most lines of a difference that are sent; a longer one is cut and says so. */
export const maxDifferenceLines = 2_000;

/** Most problems that are sent: more than that is not a ddns.conf. */
export const maxSentProblems = 50;

export interface ConfigSetting {
  name: string;
  /** in force */
  value: string;
  default: string;
  /** for people: the values that are accepted, and one or two sentences about it */
  allowed: string;
  meaning: string;
  applies: Applies;
  /** what ddns.conf says, when that is another value: it waits for a reload, or for a restart */
  waiting: string | null;
}

export interface ConfigProblem {
  /** in the text that was checked; null when it is not about one line */
  line: number | null;
  name: string | null;
  value: string | null;
  message: string;
  /** the values that the setting accepts; null when it is about none */
  allowed: string | null;
}

/** ddns.conf and the settings in force. */
export interface ConfigResult {
  /** absolute path */
  file: string;
  /** what it holds, masked; null when it cannot be read as text, and then `problems` say why */
  text: string | null;
  /** stands for the content; another one after a restart of the daemon. Null without a text. */
  fingerprint: string | null;
  settings: ConfigSetting[];
  /** what is wrong with the file as it is */
  problems: ConfigProblem[];
  /** why the daemon could not write it; null: it could */
  unwritable: string | null;
}

export interface DifferenceLine {
  kind: 'same' | 'removed' | 'added';
  /** number of the line: of a removed one before, else after the change */
  line: number;
  text: string;
}

/** What a change would do to ddns.conf as it is now. */
export interface ConfigCheck {
  /** of the file that the difference starts from */
  fingerprint: string;
  /** with any of these it cannot be saved */
  problems: ConfigProblem[];
  /** empty: nothing would change */
  difference: DifferenceLine[];
  /** lines of the difference that were left out */
  differenceCut: number;
  /** what would be in force at once, and what after a restart */
  changed: SettingChange[];
  waiting: SettingChange[];
  /** what should be looked at, though it can be saved */
  warnings: string[];
}

export type SaveResult =
  | ({ outcome: 'saved'; backup: string; warnings: string[]; config: ConfigResult } & ReloadResult)
  /** the file holds already what was to be saved */
  | { outcome: 'unchanged'; config: ConfigResult }
  /** it is not the file any more that the fingerprint stands for; nothing was written */
  | { outcome: 'conflict'; config: ConfigResult }
  | { outcome: 'refused'; problems: ConfigProblem[] };

export const configRequest = new RequestType<z.input<typeof noParams>, ConfigResult, void>(
  'config',
);
export const checkConfigRequest = new RequestType<ConfigChange, ConfigCheck, void>('config/check');
export const saveConfigRequest = new RequestType<ConfigSave, SaveResult, void>('config/save');

/** Settings by name (null takes one out of the file), or a whole text: one of the two. */
export type ConfigChange = z.input<typeof changeParams>;
export type ConfigSave = z.input<typeof saveParams>;
