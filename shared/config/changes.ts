// What a newly read ddns.conf changes for a running daemon: some settings count at once, the others
// wait for a restart. Comparing is always against what is in force, so a setting that was changed
// and changed back is in neither list.
import type { ReloadResult, SettingChange } from '../ipc/contract.ts';
import { formatSetting, type Settings, settingDefinitions } from './settings.ts';

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
