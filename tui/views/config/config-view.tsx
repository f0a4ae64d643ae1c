// The Config view: every setting with what is to be known of the selected one, where there is room the text that would
// be saved, or what stands between a change and the file.
import { Box } from 'ink';
import { type ReactElement, useContext } from 'react';
import { findSettings, parseConf } from '../../../shared/config/conf-file.ts';
import { useSelected } from '../../components/following.ts';
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { Prompt } from '../../components/prompt.tsx';
import {
  Blank,
  type Fact,
  FactList,
  Parts,
  Rows,
  StaleContext,
  Styled,
  Summary,
  WidthContext,
  Wrapped,
} from '../../components/styled.tsx';
import { Table, TableAndAside } from '../../components/table.tsx';
import { isFresh } from '../../state/shown.ts';
import type { TextField } from '../../state/text-field.ts';
import { columnsOf, cut, cutMiddle, fitted, safe } from '../../text/columns.ts';
import { ago, count, counted } from '../../text/format.ts';
import type { Token } from '../../theme.ts';
import {
  changedNames,
  configLayout,
  configPosition,
  draftProblems,
  hasDraft,
  refreshMs,
  type SettingRow,
  selectedRow,
  settingRows,
  textForEditor,
  typedProblem,
  type WithConfig,
  whyFixed,
} from './config-state.ts';
import {
  appliesText,
  changeText,
  isChanged,
  isDefault,
  nameColumns,
  settingColumns,
  valueText,
} from './config-table.ts';
import { reviewRows } from './review-rows.ts';

const configOf = ({ config }: WithConfig) => config;

export function ConfigView(): ReactElement {
  const config = useSelected(configOf);
  const layout = useSelected(configLayout);
  const row = useSelected(selectedRow);
  if (config.review !== null) return <Review />;
  return (
    <TableAndAside layout={layout} aside={row && <SettingDetails row={row} />}>
      <Blank />
      {config.config === null ? (
        <Styled as={config.failure ? 'bad' : 'label'}>
          {safe(config.failure ?? 'reading ddns.conf …', 400)}
        </Styled>
      ) : (
        <Settings />
      )}
    </TableAndAside>
  );
}

function Review(): ReactElement {
  const height = useSelected(bodyRows);
  const rows = useSelected((state: WithConfig) => reviewRows(state.config, bodyColumns(state)));
  const { reviewTop } = useSelected(configOf);
  // A window that grew shows more of it.
  const top = Math.min(reviewTop, Math.max(0, rows.length - height));
  return (
    // What is about to be saved is not old, whatever the connection does.
    <StaleContext value={false}>
      <Rows rows={rows.slice(top, top + height)} />
    </StaleContext>
  );
}

function Settings(): ReactElement {
  const config = useSelected(configOf);
  const { tableRows, asideRows } = useSelected(configLayout);
  const all = settingRows(config);
  const problems = draftProblems(config);
  const { top, cursor } = useSelected(configPosition);
  const visible = all.slice(top, top + tableRows);
  const typed = useSelected(({ prompt }) => (prompt?.kind === 'setting' ? prompt : null));
  const problem = useSelected(typedProblem);
  const receivedAt = useSelected(({ data }) => data?.receivedAt ?? null);
  return (
    <>
      <FileLine />
      <Obstacle />
      <Table
        columns={settingColumns(
          all.some((row) => changeText(row) !== ''),
          ({ setting }) => problems.has(setting.name),
          ({ setting }) =>
            receivedAt !== null && isFresh(config.changes.get(setting.name), { receivedAt }),
        )}
        rows={visible}
        selected={cursor - top}
        gutter={(row) => (isDefault(row) ? ['  ', null] : ['* ', 'accent'])}
        instead={({ setting: { name } }) =>
          typed?.name === name ? (
            <TypingRow {...{ name, typed }} problem={asideRows > 0 ? null : problem} />
          ) : null
        }
      />
      <ConfText selected={all[cursor]} height={tableRows - visible.length} />
    </>
  );
}

/** The file, and whether all of it is in force. */
function FileLine(): ReactElement {
  const config = useSelected(configOf);
  const width = useContext(WidthContext);
  const now = useSelected((state) => state.now);
  const waiting = settingRows(config).filter(({ setting }) => setting.waiting !== null).length;
  const changed = changedNames(config).length;
  const [token, standing]: [Token, string] = hasDraft(config)
    ? ['accent', changed === 0 ? 'unsaved text' : counted(changed, 'unsaved change')]
    : waiting > 0
      ? ['warn', `${count(waiting)} pending`]
      : ['label', 'saved and active'];
  const age = config.readAt === null ? 0 : now - config.readAt;
  // The question is asked anew in this time, and answered in the next.
  const text = age < 2 * refreshMs ? standing : `${standing}  ·  read ${ago(age)}`;
  const file = cutMiddle(safe(config.config?.file ?? '', 400), width - text.length - 2);
  return <Summary text={file} right={text} rightAs={token} />;
}

/** What the operator should know before changing something: the most important of it. */
function Obstacle(): ReactElement {
  const config = useSelected(configOf);
  const fixed = useSelected(whyFixed);
  const found = config.config?.problems ?? [];
  const texts: [Token, string | null][] = [
    ['bad', config.failure],
    ['warn', config.newer && 'ddns.conf changed on disk; R merges it with your changes'],
    ['warn', fixed],
    ['bad', found[0] ? mistakesText(found.length, found[0].message, found[0].name) : null],
  ];
  const [token, text] = texts.find((each) => each[1] !== null) ?? ['label', '* not the default'];
  return <Styled as={token}>{safe(text ?? '', 400)}</Styled>;
}

function mistakesText(mistakes: number, message: string, name: string | null): string {
  return `${counted(mistakes, 'error')} in ddns.conf: ${name === null ? '' : `${name} `}${message}`;
}

/** Before each row: whether it is not the default. */
const indent = '  ';

/** Columns of a problem that the value leaves, however long it is. */
const minProblemColumns = 20;

interface TypingRowProps {
  name: string;
  typed: TextField;
  /** what is wrong with the value, when no details say it; null by default: nothing */
  problem?: string | null;
}

function TypingRow({ name, typed, problem = null }: TypingRowProps): ReactElement {
  const width = useContext(WidthContext);
  const label = `${indent}${fitted(safe(name), nameColumns)}  `;
  const look = { isHidden: name === 'Secret', labelAs: 'strong', textAs: 'accent' } as const;
  if (problem === null) return <Prompt field={typed} {...{ label, width, ...look }} />;
  const needed = columnsOf(label + safe(typed.text, 400)) + 2;
  const promptColumns = Math.min(Math.max(needed, columnsOf(label) + 8), width - minProblemColumns);
  return (
    <Box>
      <Prompt field={typed} {...{ label, ...look }} width={promptColumns} />
      <WidthContext value={width - promptColumns}>
        <Styled as="bad">{safe(problem, 400)}</Styled>
      </WidthContext>
    </Box>
  );
}

/** Blank line, title, and enough of the text to see where a setting stands. */
const minTextRows = 8;
const numberColumns = 5;

interface ConfTextProps {
  selected: SettingRow | undefined;
  height: number;
}

/** The text that would be saved, around the selected setting. */
function ConfText({ selected, height }: ConfTextProps): ReactElement | null {
  const config = useSelected(configOf);
  const width = useContext(WidthContext);
  const text = textForEditor(config);
  if (height < minTextRows || text === null) return null;
  const { lines } = parseConf(text);
  const isOf = (line: (typeof lines)[number]) =>
    line.kind === 'setting' && line.name.toLowerCase() === selected?.setting.name.toLowerCase();
  const shown = height - 2;
  const at = Math.max(0, lines.findIndex(isOf));
  const lowest = Math.max(0, lines.length - shown);
  const from = Math.min(lowest, Math.max(0, at - Math.floor(shown / 2)));
  return (
    <>
      <Blank />
      <Styled as="strong">{hasDraft(config) ? 'ddns.conf (unsaved)' : 'ddns.conf'}</Styled>
      <Rows
        rows={lines.slice(from, from + shown).map((line, index) => [
          [`${fitted(count(from + index + 1), numberColumns, 'right')}  `, 'label'],
          [
            cut(safe(line.text, 400), width - numberColumns - 2),
            toneOf(line.kind, isOf(line), selected),
          ],
        ])}
      />
    </>
  );
}

function toneOf(kind: string, isSelected: boolean, row: SettingRow | undefined): Token | null {
  if (isSelected) return row && isChanged(row) ? 'accent' : 'strong';
  if (kind === 'malformed') return 'bad';
  return kind === 'silent' ? 'label' : null;
}

const maxLines = 4;
/** A path or a list of name servers; more of it does not help. */
const maxText = 600;

function SettingDetails({ row }: { row: SettingRow }): ReactElement {
  const { setting } = row;
  const fact = (label: string, value: string): Fact => [
    label,
    safe(value, maxText),
    null,
    maxLines,
  ];
  const change = changeText(row);
  const width = useContext(WidthContext);
  const remark = useSelected((state: WithConfig) => remarkOn(state, row));
  const place = useSelected((state: WithConfig) => placeText(state, setting.name));
  return (
    <>
      <Parts
        parts={[
          [`${safe(setting.name)}  `, 'strong'],
          [cut(`applies ${appliesText(setting)}`, width - 20), 'label'],
        ]}
      />
      {remark && <Wrapped as={remark[0]} text={safe(remark[1], maxText)} lines={maxLines} />}
      <Wrapped text={safe(setting.meaning, maxText)} lines={maxLines} />
      <FactList
        facts={[
          fact('allowed', setting.allowed),
          fact('default', valueText(setting, setting.default)),
          fact('current', valueText(setting, setting.value)),
          ...(change === '' ? [] : [fact('new value', change)]),
          fact('in file', place),
        ]}
      />
    </>
  );
}

/** What is wrong with it, or keeps it from being changed, or what is to be typed; null: nothing. */
function remarkOn(state: WithConfig, { setting }: SettingRow): [Token, string] | null {
  const typing = state.prompt?.kind === 'setting' ? state.prompt : null;
  const problem = typing
    ? typedProblem(state)
    : (draftProblems(state.config).get(setting.name) ?? null);
  if (problem !== null) return ['bad', problem];
  const fixed = whyFixed(state);
  // In whole: above the table there is one line for it.
  if (fixed !== null) return ['warn', fixed];
  if (typing === null) return null;
  if (typing.text === typing.before) return ['label', 'type the new value'];
  const text = typing.text === '' ? 'empty: uses the default' : 'valid';
  return ['good', `${text}; Enter accepts it, not saved yet`];
}

function placeText({ config: { config } }: WithConfig, name: string): string {
  const lines = findSettings(parseConf(config?.text ?? ''), name).map(({ line }) => line);
  return lines.length === 0 ? 'not in ddns.conf' : `line ${lines.join(', ')}`;
}
