// Keys of the Config view, of its editing line, and of what covers it before a change is saved.

import { bindingsOf, type Console } from '../../keys/binding.ts';
import { ask, changing, moveKeys } from '../../keys/common-keys.ts';
import {
  changedNames,
  hasDraft,
  moveConfig,
  selectedRow,
  setReview,
  setSetting,
  textToEdit,
  typedMistake,
  undoSetting,
  type WithConfig,
  whyUneditable,
  whyUnsavable,
} from './config-state.ts';
import { isChanged } from './config-table.ts';
import { scrollReview } from './review-rows.ts';

const hasSelected = (state: WithConfig) => selectedRow(state) !== null;
const selectedName = (state: WithConfig) => selectedRow(state)?.setting.name ?? '';
const isReview = (kind: string) => (state: WithConfig) => state.config.review?.kind === kind;

export const configKeys = bindingsOf<WithConfig>('config', [
  {
    keys: ['enter'],
    also: [' '],
    label: 'edit',
    help: 'edit the selected setting, checked as you type',
    changes: true,
    enabled: hasSelected,
    refusal: whyUneditable,
    run: (target) => {
      const row = selectedRow(target.state());
      if (row === null) return;
      const text = textToEdit(row);
      const { name } = row.setting;
      target.dispatch({ type: 'prompt', prompt: { kind: 'setting', text, name, before: text } });
    },
  },
  {
    keys: ['d'],
    label: 'default',
    help: 'remove the selected setting from ddns.conf: use its default',
    changes: true,
    enabled: (state) => (selectedRow(state)?.inDraft ?? null) !== null,
    refusal: whyUneditable,
    run: changing('config', (config, state) => setSetting(config, selectedName(state), null)),
  },
  {
    keys: ['u'],
    label: 'undo',
    help: 'undo the change to the selected setting',
    enabled: (state) => {
      const row = selectedRow(state);
      return row !== null && isChanged(row) && state.config.draft.edits.has(row.setting.name);
    },
    run: changing('config', (config, state) => undoSetting(config, selectedName(state))),
  },
  {
    keys: ['s'],
    label: 'save',
    help: 'review the changes, then save',
    changes: true,
    enabled: (state) => hasDraft(state.config),
    refusal: whyUnsavable,
    run: (target) => target.checkConfig(),
  },
  {
    keys: ['e'],
    label: 'edit file',
    help: 'edit ddns.conf in $VISUAL, $EDITOR or vi',
    changes: true,
    refusal: whyUneditable,
    run: (target) => target.editConfig(),
  },
  {
    keys: ['x'],
    label: 'discard',
    help: 'discard all unsaved changes (asks first)',
    enabled: (state) => hasDraft(state.config),
    run: (target) => ask(target, { action: 'discard' }, changedNames(target.state().config)),
  },
  {
    keys: ['R'],
    label: 're-read',
    help: 're-read ddns.conf; unsaved changes are kept',
    asks: true,
    run: (target) => target.rereadConfig(),
  },
  ...moveKeys('config', moveConfig),
]);

export const settingKeys = bindingsOf<WithConfig>('setting', [
  {
    keys: ['enter'],
    label: 'accept',
    help: 'accept the value if it is valid; not saved yet',
    run: keepTyped,
  },
  {
    keys: ['escape'],
    label: 'cancel',
    help: 'cancel the edit',
    run: (target) => target.dispatch({ type: 'prompt', prompt: null }),
  },
]);

export const reviewKeys = bindingsOf<WithConfig>('review', [
  {
    keys: ['y'],
    label: 'save',
    help: 'save the changes',
    enabled: isReview('difference'),
    refusal: whyUnsavable,
    run: (target) => target.saveConfig(),
  },
  {
    keys: ['n', 'escape'],
    also: ['enter'],
    label: 'back',
    help: 'back to the settings; unsaved changes are kept',
    enabled: (state) => !isReview('busy')(state),
    run: changing('config', (config) => setReview(config, null)),
  },
  {
    keys: ['e'],
    label: 'edit file',
    help: 'edit the file again',
    enabled: (state) => !isReview('busy')(state) && !isReview('saved')(state),
    refusal: whyUneditable,
    run: (target) => target.editConfig(),
  },
  {
    keys: ['R'],
    label: 'merge',
    help: 'merge the changes on disk, then review',
    asks: true,
    enabled: isReview('conflict'),
    run: (target) => target.rereadConfig(),
  },
  ...moveKeys('config', scrollReview),
]);

function keepTyped(target: Console<WithConfig>): void {
  const { prompt } = target.state();
  if (prompt?.kind !== 'setting' || typedMistake(target.state()) !== null) return;
  const { name, text, before } = prompt;
  target.dispatch({ type: 'prompt', prompt: null });
  if (text === before) return;
  const value = text === '' ? null : text;
  target.dispatch({ type: 'config', change: (config) => setSetting(config, name, value) });
}
