// Everything known of one setting: what is wrong first, so that a low window does not hide it, then what it means and
// takes.
import { type ReactElement, useContext } from 'react';
import { findSettings, parseConf } from '../../../shared/config/conf-file.ts';
import { useSelected } from '../../components/following.ts';
import { type Fact, FactList, Parts, WidthContext, Wrapped } from '../../components/styled.tsx';
import { cut, safe } from '../../text/columns.ts';
import type { Token } from '../../theme.ts';
import {
  draftProblems,
  type SettingRow,
  typedProblem,
  type WithConfig,
  whyFixed,
} from './config-state.ts';
import { appliesText, changeText, valueText } from './config-table.ts';

const maxLines = 4;
/** A path or a list of name servers; more of it does not help. */
const maxText = 600;

export function SettingDetails({ row }: { row: SettingRow }): ReactElement {
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
