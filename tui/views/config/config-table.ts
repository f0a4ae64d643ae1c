// The Config view as lines: the file, what prevents a change, the settings, and where there is room below them
// the text that would be saved. A narrow window leaves the defaults to the details of the selected setting.

import { parseConf } from '../../../shared/config/conf-file.ts';
import { atEnds } from '../../components/layout.ts';
import { isFresh } from '../../state/shown.ts';
import { cut, fitted, safe } from '../../text/columns.ts';
import { ago, count, counted } from '../../text/format.ts';
import type { Theme, Token } from '../../theme.ts';
import {
  changedNames,
  configPosition,
  draftProblems,
  hasDraft,
  refreshMs,
  type SettingRow,
  settingRows,
  textForEditor,
  type WithConfig,
  whyFixed,
} from './config-state.ts';
import { shownSetting } from './draft.ts';

/** Blank line, title, and enough of the text to see where a setting stands. */
const minTextRows = 8;
const numberColumns = 5;

export function configTableLines(
  theme: Theme,
  state: WithConfig,
  width: number,
  rows: number,
): string[] {
  const { config } = state;
  if (config.config === null) {
    const text = config.failure ?? 'reading ddns.conf …';
    return ['', theme.paint(config.failure ? 'bad' : 'label', cut(safe(text, 400), width))];
  }
  const all = settingRows(config);
  const problems = draftProblems(config);
  const { data } = state;
  const isNew = (name: string) => data !== null && isFresh(config.changes.get(name), data);
  const { top, cursor } = configPosition(state);
  const visible = all.slice(top, top + rows);
  const lines = visible.map((row, index) => {
    const isSelected = top + index === cursor;
    const { prompt } = state;
    const { name } = row.setting;
    if (prompt?.kind === 'setting' && prompt.name === name)
      return typingRow(theme, name, prompt.text, width);
    const isWrong = problems.has(name);
    const text = settingRow(theme, row, width, { isSelected, isWrong, isNew: isNew(name) });
    return isSelected ? theme.paint('selected', fitted(text, width)) : text;
  });
  return [
    '',
    summaryLine(theme, state, all, width),
    obstacleLine(theme, state, width),
    settingHeader(theme, width),
    ...lines,
    ...textLines(theme, state, all[cursor], width, rows - visible.length),
  ];
}

function summaryLine(
  theme: Theme,
  { config, now }: WithConfig,
  rows: readonly SettingRow[],
  width: number,
): string {
  const waiting = rows.filter(({ setting }) => setting.waiting !== null).length;
  const changed = changedNames(config).length;
  const [token, standing]: [Token, string] = hasDraft(config)
    ? ['accent', changed === 0 ? 'unsaved text' : counted(changed, 'unsaved change')]
    : waiting > 0
      ? ['warn', `${count(waiting)} pending`]
      : ['label', 'saved and active'];
  const age = config.readAt === null ? 0 : now - config.readAt;
  // The question is asked anew in this time, and answered in the next.
  const text = age < 2 * refreshMs ? standing : `${standing}  ·  read ${ago(age)}`;
  const room = width - text.length - 2;
  const file = cut(safe(config.config?.file ?? '', 400), room);
  return atEnds(theme.paint('strong', file), theme.paint(token, text), width);
}

/** What the operator should know before changing something: the most important of it. */
function obstacleLine(theme: Theme, state: WithConfig, width: number): string {
  const { config } = state;
  const found = config.config?.problems ?? [];
  const fixed = whyFixed(state);
  const texts: [Token, string | null][] = [
    ['bad', config.failure],
    ['warn', config.newer && 'ddns.conf changed on disk; R merges it with your changes'],
    ['warn', fixed],
    ['bad', found[0] ? mistakesText(found.length, found[0].message, found[0].name) : null],
  ];
  const [token, text] = texts.find((each) => each[1] !== null) ?? ['label', ''];
  return theme.paint(token, cut(safe(text ?? '', 400), width));
}

function mistakesText(mistakes: number, message: string, name: string | null): string {
  return `${counted(mistakes, 'error')} in ddns.conf: ${name === null ? '' : `${name} `}${message}`;
}

/** The text that would be saved, around the selected setting. */
function textLines(
  theme: Theme,
  { config }: WithConfig,
  selected: SettingRow | undefined,
  width: number,
  rows: number,
): string[] {
  const text = textForEditor(config);
  if (rows < minTextRows || text === null) return [];
  const { lines } = parseConf(text);
  const isOf = (line: (typeof lines)[number]) =>
    line.kind === 'setting' && line.name.toLowerCase() === selected?.setting.name.toLowerCase();
  const shown = rows - 2;
  const at = Math.max(0, lines.findIndex(isOf));
  const lowest = Math.max(0, lines.length - shown);
  const from = Math.min(lowest, Math.max(0, at - Math.floor(shown / 2)));
  const title = hasDraft(config) ? 'ddns.conf (unsaved)' : 'ddns.conf';
  return [
    '',
    theme.paint('strong', fitted(title, width)),
    ...lines.slice(from, from + shown).map((line, index) => {
      const number = fitted(count(from + index + 1), numberColumns, 'right');
      const body = cut(safe(line.text, 400), width - numberColumns - 2);
      const token = tokenOf(line.kind, isOf(line), selected);
      return `${theme.paint('label', number)}  ${token === null ? body : theme.paint(token, body)}`;
    }),
  ];
}

function tokenOf(kind: string, isSelected: boolean, row: SettingRow | undefined): Token | null {
  if (isSelected) return row && isChanged(row) ? 'accent' : 'strong';
  if (kind === 'malformed') return 'bad';
  return kind === 'silent' ? 'label' : null;
}

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
