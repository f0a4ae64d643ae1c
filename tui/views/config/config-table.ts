// The columns of the table of settings. A narrow window leaves the defaults to the details of the selected setting.
import type { TableColumn } from '../../components/table-columns.ts';
import { cutMiddle, safe } from '../../text/columns.ts';
import type { Token } from '../../theme.ts';
import type { SettingRow } from './config-state.ts';
import { shownSetting } from './draft.ts';

/** The longest name, and a mark where something is wrong. */
export const nameColumns = 19;
/** Less of a value says little. */
const minValueColumns = 10;
/** From a usual address to the longest default, a path. */
const defaultColumns = { width: 11, most: 24 };
/** More would take the default too far from the value. */
const maxValueColumns = 64;

/**
 * @param areChanged whether any value is not what ddns.conf says, or would say
 * @param isWrong whether something is wrong with the value that would be saved
 * @param isNew whether the value in force changed just now
 */
export function settingColumns(
  areChanged: boolean,
  isWrong: (row: SettingRow) => boolean,
  isNew: (row: SettingRow) => boolean,
): TableColumn<SettingRow>[] {
  const value = { width: minValueColumns, most: maxValueColumns, weight: 1 };
  const newValue: TableColumn<SettingRow> = {
    ...{ name: 'new', title: 'new value', ...value },
    cell: changeText,
    tone: (row) => changeTone(row, isWrong(row)),
  };
  return [
    {
      name: 'setting',
      width: nameColumns,
      weight: 0,
      cell: (row) => safe(row.setting.name) + (isWrong(row) ? ' !' : ''),
      tone: (row) => (isWrong(row) ? 'bad' : isChanged(row) ? 'strong' : null),
    },
    {
      ...{ name: 'current', ...value },
      cell: ({ setting }, columns) => cellText(valueText(setting, setting.value), columns),
      tone: (row) => (isNew(row) ? 'selected' : null),
    },
    ...(areChanged ? [newValue] : []),
    {
      ...{ name: 'default', ...defaultColumns, weight: 2 },
      cell: ({ setting }, columns) => cellText(safe(setting.default, 400), columns),
      tone: () => 'label',
    },
    {
      name: 'applies',
      width: 11,
      weight: 0,
      cell: ({ setting }) => appliesText(setting),
      tone: () => 'label',
    },
  ];
}

/** Whether the value in force is the one without ddns.conf. */
export function isDefault({ setting }: SettingRow): boolean {
  return setting.value === setting.default;
}

/** The value and what it stands for, by the text that lists the allowed ones: `2 (IPv4)`. */
export function valueText({ allowed }: SettingRow['setting'], value: string): string {
  const text = safe(value, 400);
  if (!/^\d+$/.test(value)) return text;
  const [, names] = new RegExp(`\\b${value} \\(([^)]*)\\)`).exec(allowed) ?? [];
  const name = names?.split(', ').at(-1);
  return name === undefined ? text : `${text} (${safe(name)})`;
}

/** A path has its last part in sight. */
function cellText(text: string, width: number): string {
  return text.includes('/') ? cutMiddle(text, width) : text;
}

export function appliesText({ applies }: SettingRow['setting']): string {
  return applies === 'live' ? 'immediately' : 'on restart';
}

export function isChanged({ inFile, inDraft }: SettingRow): boolean {
  return inFile !== inDraft;
}

/** What becomes of a setting that is not what ddns.conf says, or would say; empty for the others. */
export function changeText(row: SettingRow): string {
  const { setting, inDraft } = row;
  if (isChanged(row)) {
    const to = inDraft === null ? 'default' : shownSetting(setting.name, inDraft);
    return `${safe(to, 400)}, unsaved`;
  }
  if (setting.waiting === null) return '';
  const when = setting.applies === 'live' ? 'reload' : 'restart';
  return `${safe(setting.waiting, 400)}, on ${when}`;
}

function changeTone(row: SettingRow, isWrong: boolean): Token | null {
  if (isChanged(row)) return isWrong ? 'bad' : 'accent';
  return row.setting.waiting === null ? null : 'warn';
}
