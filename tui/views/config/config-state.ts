// The Config view's state: ddns.conf as the daemon reported it, what the operator changed in it, and what
// stands between a change and the file: the difference, mistakes, a conflict. Pure; config-control.ts
// talks to the daemon.
// Invariant: a draft is for `config`. A file that changed meanwhile is kept beside it, in `newer`,
// until the operator takes it over.

import { maxConfLineLength, parseConf, unwritable } from '../../../shared/config/conf-file.ts';
import { keptValue } from '../../../shared/config/masked-text.ts';
import type {
  ConfigCheck,
  ConfigProblem,
  ConfigResult,
  ConfigSetting,
  SaveResult,
} from '../../../shared/ipc/config-contract.ts';
import { type AsideLayout, asideLayout } from '../../components/layout.ts';
import type { CommonState } from '../../state/common-state.ts';
import { changesOf, type DataChanges, type Facts } from '../../state/daemon-data.ts';
import { type ListMove, type ListPosition, moved, settled } from '../../state/list-position.ts';
import {
  type Draft,
  draftText,
  isEmpty,
  mergedText,
  noDraft,
  valueIn,
  withEdit,
  withoutEdit,
} from './draft.ts';
import type { DraftValidation } from './validation.ts';

/** What covers the form. */
export type Review =
  | { kind: 'busy'; text: string }
  | { kind: 'difference'; check: ConfigCheck }
  | { kind: 'problems'; problems: readonly ConfigProblem[] }
  | { kind: 'conflict' }
  | { kind: 'saved'; result: SaveResult & { outcome: 'saved' } };

export interface ConfigState {
  /** null before the daemon reported it */
  config: ConfigResult | null;
  newer: ConfigResult | null;
  /** why the daemon reports nothing */
  failure: string | null;
  draft: Draft;
  selected: string | null;
  top: number;
  review: Review | null;
  reviewTop: number;
  /** null until it is loaded */
  validation: DraftValidation | null;
  /** the console's monotonic clock when the daemon last reported it; null before that */
  readAt: number | null;
  /** when the value in force of a setting last changed */
  changes: DataChanges;
}

export interface WithConfig extends CommonState {
  config: ConfigState;
}

/** How soon a file that somebody else saved shows. */
export const refreshMs = 5_000;

export const firstConfig: ConfigState = {
  config: null,
  newer: null,
  failure: null,
  draft: noDraft,
  selected: null,
  top: 0,
  review: null,
  reviewTop: 0,
  validation: null,
  readAt: null,
  changes: new Map(),
};

export interface SettingRow {
  setting: ConfigSetting;
  /** what ddns.conf says, and what it would; null: nothing, the default holds */
  inFile: string | null;
  inDraft: string | null;
}

export function hasDraft({ draft }: ConfigState): boolean {
  return !isEmpty(draft);
}

/** Why nothing can be changed here; null: it can. */
export function whyFixed(state: WithConfig): string | null {
  return state.readOnly
    ? 'read-only: the console was started with --read-only'
    : whyUneditable(state);
}

/** The same, whatever the console may do. */
export function whyUneditable({ config: { config } }: WithConfig): string | null {
  if (config === null) return 'ddns.conf has not been read yet';
  if (config.text === null) return `ddns.conf cannot be edited: ${config.problems[0]?.message}`;
  return config.unwritable === null ? null : `cannot be saved: ${config.unwritable}`;
}

/** Why nothing can be saved now; null: it can. */
export function whyUnsavable(state: WithConfig): string | null {
  return whyUneditable(state) ?? (state.connection.phase === 'lost' ? draftKept : null);
}

/** What is said when a change cannot be taken to the daemon. */
export const draftKept =
  'not connected to the name server; your changes are kept, retry when it is back';

export function settingRows({ config, draft }: ConfigState): SettingRow[] {
  if (config === null) return [];
  const file = parseConf(config.text ?? '');
  const drafted = isEmpty(draft) ? file : parseConf(draftText(draft, config.text ?? ''));
  return config.settings.map((setting) => ({
    setting,
    inFile: valueIn(file, setting.name),
    inDraft: valueIn(drafted, setting.name),
  }));
}

export function changedNames(state: ConfigState): string[] {
  return settingRows(state)
    .filter(({ inFile, inDraft }) => inFile !== inDraft)
    .map(({ setting }) => setting.name);
}

export function selectedRow(state: WithConfig): SettingRow | null {
  return settingRows(state.config)[configPosition(state).cursor] ?? null;
}

/** What the editing line begins with: a secret is not shown. */
export function textToEdit({ setting, inDraft }: SettingRow): string {
  const value = inDraft ?? setting.value;
  return setting.name === 'Secret' && value !== 'none' ? '' : value;
}

/** The text for the editor; null when there is none to edit. */
export function textForEditor({ config, draft }: ConfigState): string | null {
  const text = config?.text ?? null;
  return text === null ? null : draftText(draft, text);
}

export function configPosition(state: WithConfig): ListPosition {
  return settled(position(state), sizeOf(state));
}

export function moveConfig(state: WithConfig, move: ListMove): ConfigState {
  const { config } = state;
  const { top, cursor } = moved(position(state), move, sizeOf(state));
  return { ...config, top, selected: config.config?.settings[cursor]?.name ?? null };
}

/** What the daemon tells now. A draft keeps the file it was made for. */
export function takeConfig(state: ConfigState, config: ConfigResult): ConfigState {
  const known = state.newer ?? state.config;
  const isSame = known !== null && JSON.stringify(known) === JSON.stringify(config);
  if (isSame) return state.failure === null ? state : { ...state, failure: null };
  // After a restart of the daemon only the fingerprint is another one.
  const fits = config.text === state.config?.text || !hasDraft(state);
  const taken = fits ? { config, newer: null } : { newer: config };
  return { ...state, ...taken, failure: null };
}

/** The file as it is now becomes the one that the draft is for. */
export function takeNewer(state: ConfigState): ConfigState {
  const { newer, draft } = state;
  if (newer === null) return state;
  const taken = { ...state, config: newer, newer: null };
  if (draft.text === null) return taken;
  const text = mergedText(draft, state.config, newer) ?? draft.text;
  return { ...taken, draft: { ...draft, text: text === newer.text ? null : text } };
}

/** The same, at `now` on the console's monotonic clock. */
export function takeReport(state: ConfigState, config: ConfigResult, now: number): ConfigState {
  const taken = takeConfig(state, config);
  const changes = changesOf(state.changes, inForce(state), inForce(taken), now);
  return { ...taken, readAt: now, changes };
}

function inForce({ config }: ConfigState): Facts {
  return new Map(config?.settings.map(({ name, value }) => [name, value]));
}

/** @param value null takes the setting out of the file */
export function setSetting(state: ConfigState, name: string, value: string | null): ConfigState {
  const file = state.config?.text ?? null;
  if (file === null) return state;
  return { ...state, draft: withEdit(state.draft, file, name, value) };
}

export function undoSetting(state: ConfigState, name: string): ConfigState {
  return { ...state, draft: withoutEdit(state.draft, name) };
}

export function setText(state: ConfigState, text: string): ConfigState {
  const isFile = text === state.config?.text;
  return { ...state, draft: isFile ? noDraft : { text, edits: new Map() } };
}

export function dropDraft(state: ConfigState): ConfigState {
  const dropped = { ...state, draft: noDraft, review: null };
  return takeNewer(dropped);
}

export function setReview(state: ConfigState, review: Review | null): ConfigState {
  return { ...state, review, reviewTop: 0 };
}

export function takeSaved(
  state: ConfigState,
  result: SaveResult & { outcome: 'saved' },
): ConfigState {
  const saved = { ...state, draft: noDraft, newer: null, config: result.config };
  return setReview(saved, { kind: 'saved', result });
}

/** What is wrong with the draft as a whole, by name. */
export function draftProblems(state: ConfigState): ReadonlyMap<string, string> {
  const { config, draft, validation } = state;
  if (validation === null || config === null || config.text === null) return new Map();
  return validation.text(draftText(draft, config.text), config.file);
}

/** Why the value that is being typed cannot be kept; null: it can. */
export function typedMistake({ prompt, config }: WithConfig): string | null {
  if (prompt?.kind !== 'setting' || prompt.text === '') return null;
  const { name, text } = prompt;
  if (text === keptValue) return 'is a placeholder; type the value itself';
  if (name.length + text.length >= maxConfLineLength)
    return `is too long for a line of ${maxConfLineLength} characters`;
  return config.validation === null ? unwritable(text) : config.validation.value(name, text);
}

/** What is wrong with it, or with what else is set: that may be mended next. Null: nothing. */
export function typedProblem(state: WithConfig): string | null {
  const { prompt, config } = state;
  const mistake = typedMistake(state);
  if (mistake !== null || prompt?.kind !== 'setting' || prompt.text === '') return mistake;
  const typed = setSetting(config, prompt.name, prompt.text);
  return draftProblems(typed).get(prompt.name) ?? null;
}

function position({ config: { config, selected, top } }: WithConfig): ListPosition {
  const cursor = config?.settings.findIndex(({ name }) => name === selected) ?? 0;
  return { top, cursor: Math.max(0, cursor) };
}

function sizeOf(state: WithConfig) {
  return {
    rows: state.config.config?.settings.length ?? 0,
    viewport: configLayout(state).tableRows,
  };
}

/** Blank line, the file, what stands against a change, column titles. */
const headRows = 4;
/** Under the table: a rule, the name, its meaning, the allowed values and what is wrong. */
const belowRows = 8;
/** Enough of the table to see where one is. */
const minTableRows = 8;

export function configLayout(state: CommonState): AsideLayout {
  return asideLayout(state, headRows, (free) => Math.min(belowRows, free - minTableRows));
}
