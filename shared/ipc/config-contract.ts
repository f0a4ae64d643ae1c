// The part of the IPC contract (contract.ts) that is about ddns.conf: the settings in force, what a
// change would do, and saving it. The value of Secret appears nowhere: texts have it masked
// (shared/config/masked-text.ts), and a masked line that comes back unchanged keeps its value.
import { RequestType } from 'vscode-jsonrpc/node';
import type { ReloadResult, SettingChange, SettingEdit } from '../config/changes.ts';
import type { DifferenceLine } from '../config/difference.ts';
import type { Applies } from '../config/settings.ts';
import type { NoParams } from './status-contract.ts';

/**
 * Longest ddns.conf that a console can edit, in characters: a few hundred times what the settings
 * need, and with its escapes still well below what one request may have.
 */
export const maxEditedCharacters = 131_072;

/** Most lines of a difference that are sent; a longer one is cut, and says so. */
export const maxDifferenceLines = 2_000;

/** Most problems that are sent: a file with more is not a ddns.conf. */
export const maxSentProblems = 50;

/** A setting, with its value in force and its texts for people (shared/config/settings.ts). */
export interface ConfigSetting {
  name: string;
  /** in force */
  value: string;
  default: string;
  allowed: string;
  meaning: string;
  applies: Applies;
  /** the value in ddns.conf if it differs: it waits for a reload or a restart */
  waiting: string | null;
}

/** A mistake in a ddns.conf. */
export interface ConfigProblem {
  /** in the text that was checked; null if it is not about one line */
  line: number | null;
  name: string | null;
  value: string | null;
  message: string;
  /** the values that the setting accepts; null if the problem is not about a setting */
  allowed: string | null;
}

/** ddns.conf and the settings in force. */
export interface ConfigResult {
  /** absolute path */
  file: string;
  /** its content, masked; null if it cannot be read as text, and then `problems` say why */
  text: string | null;
  /** identifies the content, until the daemon restarts; null without a text */
  fingerprint: string | null;
  settings: ConfigSetting[];
  /** the mistakes in the file */
  problems: ConfigProblem[];
  /** why the daemon cannot write it; null: it can */
  unwritable: string | null;
}

/** Settings by name, or a whole text: exactly one of the two. */
export interface ConfigChange {
  edits?: SettingEdit[];
  text?: string;
}

/** A change of the file that has this fingerprint. */
export interface ConfigSave extends ConfigChange {
  fingerprint: string;
}

/** What a change would do to ddns.conf. */
export interface ConfigCheck {
  /** of the file that the difference starts from */
  fingerprint: string;
  /** mistakes; with any of them the change cannot be saved */
  problems: ConfigProblem[];
  /** empty: nothing would change */
  difference: DifferenceLine[];
  /** number of lines that were cut from the difference */
  differenceCut: number;
  /** changes that would apply at once, and those that would wait for a restart */
  changed: SettingChange[];
  waiting: SettingChange[];
  /** warnings for the operator; the file can be saved nevertheless */
  warnings: string[];
}

export type SaveResult =
  | ({ outcome: 'saved'; backup: string; warnings: string[]; config: ConfigResult } & ReloadResult)
  /** the file already has this content */
  | { outcome: 'unchanged'; config: ConfigResult }
  /** the file no longer has the fingerprint; nothing was written */
  | { outcome: 'conflict'; config: ConfigResult }
  | { outcome: 'refused'; problems: ConfigProblem[] };

export const reloadRequest = new RequestType<NoParams, ReloadResult, void>('config/reload');
export const configRequest = new RequestType<NoParams, ConfigResult, void>('config');
export const checkConfigRequest = new RequestType<ConfigChange, ConfigCheck, void>('config/check');
export const saveConfigRequest = new RequestType<ConfigSave, SaveResult, void>('config/save');
