// Everything known of one setting, as lines of a pane: what is wrong first, so that a low window does
// not hide it, then what it means and takes.
import { findSettings, parseConf } from '../../../shared/config/conf-file.ts';
import { cut, fitted, safe, wrap } from '../../text/columns.ts';
import type { Theme, Token } from '../../theme.ts';
import {
  draftProblems,
  type SettingRow,
  typedProblem,
  type WithConfig,
  whyFixed,
} from './config-state.ts';
import { appliesText, changeText } from './config-table.ts';

const labelColumns = 12;
const maxLines = 4;
/** A path or a list of name servers; more of it does not help. */
const maxText = 600;

/** At most `rows` lines of at most `width` columns. */
export function settingDetailLines(
  theme: Theme,
  state: WithConfig,
  row: SettingRow,
  width: number,
  rows: number,
): string[] {
  const { setting } = row;
  const applies = `applies ${appliesText(setting)}`;
  const fact = (label: string, value: string): string[] =>
    wrap(safe(value, maxText), Math.max(1, width - labelColumns), maxLines).map(
      (line, index) => theme.paint('label', fitted(index === 0 ? label : '', labelColumns)) + line,
    );
  const change = changeText(row);
  return [
    `${theme.paint('strong', safe(setting.name))}  ${theme.paint('label', cut(applies, width - 20))}`,
    ...problemLines(theme, state, row, width),
    ...wrap(safe(setting.meaning, maxText), width, maxLines),
    ...fact('allowed', setting.allowed),
    ...fact('default', setting.default),
    ...fact('current', setting.value),
    ...(change === '' ? [] : fact('new value', change)),
    ...fact('in file', placeText(state, setting.name)),
  ].slice(0, rows);
}

function problemLines(
  theme: Theme,
  state: WithConfig,
  { setting }: SettingRow,
  width: number,
): string[] {
  const isTyping = state.prompt?.kind === 'setting';
  const problem = isTyping
    ? typedProblem(state)
    : (draftProblems(state.config).get(setting.name) ?? null);
  if (problem !== null) return paragraph(theme, 'bad', problem, width);
  const fixed = whyFixed(state);
  // In whole: above the table there is one line for it.
  if (fixed !== null) return paragraph(theme, 'warn', fixed, width);
  if (!isTyping) return [];
  const isUnchanged = state.prompt?.kind === 'setting' && state.prompt.text === state.prompt.before;
  if (isUnchanged) return [theme.paint('label', cut('type the new value', width))];
  const text = state.prompt?.text === '' ? 'empty: uses the default' : 'valid';
  return [theme.paint('good', cut(`${text}; Enter accepts it, not saved yet`, width))];
}

function paragraph(theme: Theme, token: Token, text: string, width: number): string[] {
  return wrap(safe(text, maxText), width, maxLines).map((line) => theme.paint(token, line));
}

function placeText({ config: { config } }: WithConfig, name: string): string {
  const lines = findSettings(parseConf(config?.text ?? ''), name).map(({ line }) => line);
  return lines.length === 0 ? 'not in ddns.conf' : `line ${lines.join(', ')}`;
}
