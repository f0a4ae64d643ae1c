// Changes of settings: edits of a ddns.conf by name, and what a newly read ddns.conf changes for a running
// daemon. validate.ts decides whether the values are allowed.
import { type ConfDocument, setValue, unsetValue } from './conf-file.ts';
import { shownValue } from './secret.ts';
import { formatSetting, type Settings, settingDefinitions, settingNamed } from './settings.ts';

/** An edit of one setting. */
export interface SettingEdit {
  /** in any case */
  name: string;
  /** null removes the setting from the file, so that its default applies */
  value: string | null;
}

/** Why an edit cannot be written. */
export interface EditProblem {
  name: string;
  value: string | null;
  message: string;
}

/** Applies all edits that can be written; the others become problems. */
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

/** The outcome of a reload. */
export interface ReloadResult {
  /** in force now */
  changed: SettingChange[];
  /** in force after a restart */
  waiting: SettingChange[];
}

/** What a newly read ddns.conf changes. */
export interface SettingChanges extends ReloadResult {
  /** the settings to continue with: those in force, with the live changes */
  inForce: Settings;
}

/**
 * Compares the settings of a newly read ddns.conf with those in force, so that a setting changed and changed
 * back is in neither list.
 */
export function compareSettings(inForce: Settings, next: Settings): SettingChanges {
  const changed: SettingChange[] = [];
  const waiting: SettingChange[] = [];
  const merged = { ...inForce };
  for (const { key, name, applies } of settingDefinitions) {
    const change = { name, from: formatSetting(inForce, key), to: formatSetting(next, key) };
    const isHidden = key === 'secret' && change.from === change.to;
    if (isHidden && isAnother(inForce, next)) change.to = 'a different one';
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

/** Whether two secrets differ, which their texts do not show. */
function isAnother({ secret }: Settings, next: Settings): boolean {
  return secret !== null && next.secret !== null && !secret.equals(next.secret);
}
