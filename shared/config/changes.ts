// Changes of single settings by name, on the document of a ddns.conf: all of them, or the reasons why
// some cannot be written. Whether the values are allowed is for validate.ts.
// What a newly read ddns.conf changes for a running daemon: some settings count at once, the others
// wait for a restart. Comparing is always against what is in force, so a setting that was changed
// and changed back is in neither list.

import { type ConfDocument, setValue, unsetValue } from './conf-file.ts';
import { shownValue } from './secret.ts';
import { formatSetting, type Settings, settingDefinitions, settingNamed } from './settings.ts';

export interface SettingEdit {
  /** in any case */
  name: string;
  /** null takes the setting out of the file, so that its default holds */
  value: string | null;
}

export interface EditProblem {
  name: string;
  value: string | null;
  message: string;
}

export function applyEdits(
  document: ConfDocument,
  edits: readonly SettingEdit[],
): { document: ConfDocument; problems: EditProblem[] } {
  const problems: EditProblem[] = [];
  let edited = document;
  for (const edit of edits) {
    const result = applyEdit(edited, edit);
    if ('message' in result) problems.push(result);
    else edited = result;
  }
  return { document: edited, problems };
}

function applyEdit(
  document: ConfDocument,
  { name: asked, value }: SettingEdit,
): ConfDocument | EditProblem {
  const definition = settingNamed(asked);
  const problem = { name: asked, value: value === null ? null : shownValue(asked, value) };
  if (!definition) {
    const known = settingDefinitions.map(({ name }) => name).join(', ');
    return { ...problem, message: `is not a setting; known: ${known}` };
  }
  const { name, allowed } = definition;
  try {
    return value === null ? unsetValue(document, name) : setValue(document, name, value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `${error.message.replace(`${name}: `, '')}; allowed: ${allowed}`;
    return { ...problem, name, message };
  }
}

/** A setting whose value changed, with its values as they would be written in ddns.conf. */
export interface SettingChange {
  name: string;
  from: string;
  to: string;
}

/** What a reload did. */
export interface ReloadResult {
  /** in force now */
  changed: SettingChange[];
  /** in force after a restart */
  waiting: SettingChange[];
}

export interface SettingChanges extends ReloadResult {
  /** the settings to go on with: those in force, with the changes that count at once */
  inForce: Settings;
}

export function compareSettings(inForce: Settings, next: Settings): SettingChanges {
  const changed: SettingChange[] = [];
  const waiting: SettingChange[] = [];
  const merged = { ...inForce };
  for (const { key, name, applies } of settingDefinitions) {
    const change = { name, from: formatSetting(inForce, key), to: formatSetting(next, key) };
    if (key === 'secret' && isAnother(inForce, next)) change.to = 'another one';
    if (change.from === change.to) continue;
    if (applies === 'live') {
      changed.push(change);
      Object.assign(merged, { [key]: next[key] });
    } else {
      waiting.push(change);
    }
  }
  return { changed, waiting, inForce: merged };
}

/** Two secrets are shown alike. */
function isAnother({ secret }: Settings, next: Settings): boolean {
  return secret !== null && next.secret !== null && !secret.equals(next.secret);
}
