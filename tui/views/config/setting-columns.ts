// The columns of the form, and the text of their cells. A narrow window leaves the defaults to the
// details of the selected setting.
import { fitted, safe } from '../../text/columns.ts';
import type { Theme, Token } from '../../theme.ts';
import type { SettingRow } from './config-state.ts';
import { shownSetting } from './draft.ts';

interface Column {
  title: string;
  width: number;
  cell(row: SettingRow, marks: RowMarks): string;
  tone?(row: SettingRow, marks: RowMarks): Token | null;
}

interface RowMarks {
  isWrong: boolean;
  /** the value in force changed just now */
  isNew: boolean;
}

const gap = 2;
/** The longest name, and a mark where something is wrong. */
const nameColumns = 14;
const appliesColumns = 11;
/** From here on there is room for the defaults. */
const defaultFrom = 70;

export function settingColumns(width: number): Column[] {
  const hasDefault = width >= defaultFrom;
  const gaps = gap * (hasDefault ? 4 : 3);
  const free = width - nameColumns - appliesColumns - gaps;
  const standard = hasDefault ? Math.floor(free * 0.27) : 0;
  const value = Math.floor((free - standard) / 2);
  return [
    {
      title: 'setting',
      width: nameColumns,
      cell: ({ setting }, { isWrong }) => safe(setting.name) + (isWrong ? ' !' : ''),
      tone: (row, { isWrong }) => (isWrong ? 'bad' : isChanged(row) ? 'strong' : null),
    },
    {
      title: 'current',
      width: value,
      cell: ({ setting }) => safe(setting.value, 400),
      tone: (_row, { isNew }) => (isNew ? 'selected' : null),
    },
    {
      title: 'new value',
      width: free - standard - value,
      cell: changeText,
      tone: changeTone,
    },
    ...(hasDefault
      ? [
          {
            title: 'default',
            width: standard,
            cell: ({ setting }: SettingRow) => safe(setting.default, 400),
            tone: () => 'label' as const,
          },
        ]
      : []),
    {
      title: 'applies',
      width: appliesColumns,
      cell: ({ setting }) => appliesText(setting),
      tone: () => 'label',
    },
  ];
}

/** When a saved change takes effect. */
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

export function settingHeader(theme: Theme, width: number): string {
  return settingColumns(width)
    .map((column) => theme.paint('label', fitted(column.title, column.width)))
    .join(' '.repeat(gap));
}

/** @param isSelected then without colours of its own */
export function settingRow(
  theme: Theme,
  row: SettingRow,
  width: number,
  { isSelected, ...marks }: RowMarks & { isSelected: boolean },
): string {
  return settingColumns(width)
    .map((column) => {
      const text = fitted(column.cell(row, marks), column.width);
      const token = isSelected ? null : (column.tone?.(row, marks) ?? null);
      return token === null ? text : theme.paint(token, text);
    })
    .join(' '.repeat(gap));
}

function changeTone(row: SettingRow, { isWrong }: RowMarks): Token | null {
  if (isChanged(row)) return isWrong ? 'bad' : 'accent';
  return row.setting.waiting === null ? null : 'warn';
}

/** The row while its value is typed: the end of a long one is what is being typed. */
export function typingRow(theme: Theme, name: string, typed: string, width: number): string {
  const room = width - nameColumns - gap - 1;
  const shown = name === 'Secret' ? '*'.repeat([...typed].length) : safe(typed, 8_192);
  const characters = [...shown];
  const end = characters.slice(Math.max(0, characters.length - room)).join('');
  const label = theme.paint('strong', fitted(safe(name), nameColumns));
  return `${label}${' '.repeat(gap)}${theme.paint('accent', `${end}█`)}`;
}
