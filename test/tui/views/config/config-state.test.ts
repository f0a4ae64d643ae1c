import test from 'ava';
import { settingDefinitions } from '../../../../shared/config/settings.ts';
import {
  type ConsoleAction,
  type ConsoleState,
  firstState,
  reduceConsole,
} from '../../../../tui/console/console-state.ts';
import {
  changedNames,
  configPosition,
  dropDraft,
  hasDraft,
  moveConfig,
  selectedRow,
  setReview,
  setSetting,
  setText,
  settingRows,
  takeConfig,
  takeNewer,
  takeSaved,
  textForEditor,
  textToEdit,
  typedMistake,
  typedProblem,
  undoSetting,
  whyFixed,
} from '../../../../tui/views/config/config-state.ts';
import { changeText } from '../../../../tui/views/config/config-table.ts';
import { changeOf } from '../../../../tui/views/config/draft.ts';
import { scrollReview } from '../../../../tui/views/config/review-rows.ts';
import { validation } from '../../../../tui/views/config/validation.ts';
import { fixedConfig, fixedConfText } from '../../fixture-data.ts';

function start(readOnly = false): ConsoleState {
  const size = { columns: 80, rows: 24 };
  const state = firstState({ size, view: 'config', readOnly, now: 0 });
  const config = takeConfig({ ...state.config, validation }, fixedConfig());
  return { ...state, config };
}

const { config: first } = start();

function row(state: typeof first, name: string) {
  const found = settingRows(state).find(({ setting }) => setting.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

function typing(state: ConsoleState, name: string, text: string, before = ''): ConsoleState {
  return { ...state, prompt: { kind: 'setting', name, text, before } };
}

test('config state › a change of a setting is one until it is what the file says', (t) => {
  t.false(hasDraft(first));
  const changed = setSetting(first, 'Backlog', '200');
  t.deepEqual(changedNames(changed), ['Backlog']);
  t.is(textForEditor(changed), fixedConfText.replace('= 50 ', '= 200 '));
  t.false(hasDraft(setSetting(changed, 'Backlog', '50')));
  t.false(hasDraft(undoSetting(changed, 'Backlog')));
  t.false(hasDraft(setSetting(first, 'TTL', null)), 'it is not in the file');
});

test('config state › by default a setting is taken out of the file', (t) => {
  const changed = setSetting(first, 'Threads', null);
  t.is(textForEditor(changed), fixedConfText.replace('Threads=4\n', ''));
  t.is(changeText(row(changed, 'Threads')), 'default, unsaved');
  t.is(changeText(row(first, 'Threads')), '4, on restart');
});

test('config state › changes by name go by name, a text as a whole', (t) => {
  const changed = setSetting(setSetting(first, 'Backlog', '200'), 'Threads', null);
  t.deepEqual(changeOf(changed.draft, fixedConfText), {
    edits: [
      { name: 'Backlog', value: '200' },
      { name: 'Threads', value: null },
    ],
  });
  const text = `${fixedConfText}# more\n`;
  const edited = setSetting(setText(changed, text), 'TTL', '5m');
  t.deepEqual(changeOf(edited.draft, fixedConfText), {
    text: text.replace('#TTL=60m\n', '#TTL=60m\nTTL=5m\n'),
  });
  t.false(hasDraft(setText(edited, fixedConfText)), 'a text that is the file again');
});

test('config state › a secret is shown neither before nor after it is typed', (t) => {
  t.is(row(first, 'Secret').inFile, '(hidden, unchanged)');
  t.is(textToEdit(row(first, 'Secret')), '');
  const changed = setSetting(first, 'Secret', 'correct horse battery staple');
  t.is(changeText(row(changed, 'Secret')), 'new value, unsaved');
  t.is(changeText(row(setSetting(first, 'Secret', 'none'), 'Secret')), 'none, unsaved');
});

test('config state › the editing line begins with what is in force or drafted', (t) => {
  t.is(textToEdit(row(first, 'Backlog')), '50');
  t.is(textToEdit(row(first, 'TTL')), '60m');
  t.is(textToEdit(row(setSetting(first, 'TTL', '5m'), 'TTL')), '5m');
});

test('config state › what is typed is checked by itself, and with what else is set', (t) => {
  const state = start();
  const said = (name: string, text: string) => [
    typedMistake(typing(state, name, text)),
    typedProblem(typing(state, name, text)),
  ];
  t.deepEqual(said('Backlog', '200'), [null, null]);
  t.deepEqual(said('Backlog', '99999'), ['must be 1 to 65535', 'must be 1 to 65535']);
  t.is(said('Database', 'a #b')[0], 'the value has a # that would start a comment');
  t.is(said('Database', `/${'x'.repeat(4_095)}`)[0], 'is too long for a line of 4096 characters');
  t.regex(said('Secret', '(hidden, unchanged)')[0] ?? '', /^is a placeholder/);
  const [mistake, problem] = said('Interface', '::1');
  t.is(mistake, null, 'Domain may be changed next');
  t.regex(problem ?? '', /^is an IPv6 address, but Domain is 2/);
  t.regex(said('SecretFile', '/etc/secret')[1] ?? '', /^is set as well as Secret in line 9/);
});

test('config state › a newer file is taken at once, and beside a draft only when asked', (t) => {
  const theirs = fixedConfig({
    text: fixedConfText.replace('#TTL=60m', 'TTL=5m'),
    fingerprint: 'second',
  });
  t.is(takeConfig(first, theirs).config?.fingerprint, 'second');
  t.is(takeConfig(first, fixedConfig()), first, 'nothing new draws nothing');
  const drafted = setSetting(first, 'Backlog', '200');
  const beside = takeConfig(drafted, theirs);
  t.deepEqual([beside.config?.fingerprint, beside.newer?.fingerprint], ['first', 'second']);
  t.is(takeConfig(beside, theirs), beside);
  const taken = takeNewer(beside);
  t.deepEqual([taken.config?.fingerprint, taken.newer], ['second', null]);
  t.is(
    textForEditor(taken),
    fixedConfText.replace('#TTL=60m', 'TTL=5m').replace('= 50 ', '= 200 '),
  );
  const back = takeConfig(beside, fixedConfig({ fingerprint: 'third' }));
  t.is(back.newer, null, 'it is what the draft was made for again');
  t.deepEqual(
    [dropDraft(beside).config?.fingerprint, hasDraft(dropDraft(beside))],
    ['second', false],
  );
});

test('config state › an edited text takes over what somebody else changed in other lines', (t) => {
  const mine = fixedConfText.replace('= 50 ', '= 200 ');
  const taken = (theirs: string) =>
    takeNewer(
      takeConfig(setText(first, mine), fixedConfig({ text: theirs, fingerprint: 'second' })),
    );
  const other = fixedConfText.replace('# The name server', '# A name server');
  t.is(textForEditor(taken(other)), other.replace('= 50 ', '= 200 '));
  const same = fixedConfText.replace('= 50 ', '= 70 ');
  t.is(textForEditor(taken(same)), mine, 'the difference shows what would be undone');
  t.false(hasDraft(taken(mine)), 'they made the same change');
});

test('config state › after a restart of the daemon only the fingerprint is another one', (t) => {
  const drafted = setSetting(first, 'Backlog', '200');
  const later = takeConfig(drafted, fixedConfig({ fingerprint: 'of the next process' }));
  t.deepEqual([later.config?.fingerprint, later.newer], ['of the next process', null]);
  t.true(hasDraft(later));
});

test('config state › saving ends the draft and shows the outcome', (t) => {
  const drafted = setSetting(first, 'Backlog', '200');
  const config = fixedConfig({ fingerprint: 'second' });
  const result = {
    outcome: 'saved',
    backup: 'b',
    warnings: [],
    changed: [],
    waiting: [],
    config,
  } as const;
  const saved = takeSaved(drafted, { ...result, warnings: [], changed: [], waiting: [] });
  t.false(hasDraft(saved));
  t.deepEqual([saved.config?.fingerprint, saved.review?.kind], ['second', 'saved']);
});

test('config state › why nothing can be changed is said', (t) => {
  const state = start();
  const about = (change: Parameters<typeof fixedConfig>[0]) =>
    whyFixed({ ...state, config: { ...first, config: fixedConfig(change) } });
  t.is(whyFixed(state), null);
  t.regex(whyFixed(start(true)) ?? '', /--read-only/);
  t.regex(whyFixed({ ...state, config: { ...first, config: null } }) ?? '', /not been read yet/);
  t.is(about({ unwritable: 'no room' }), 'cannot be saved: no room');
  const problem = { line: null, name: null, value: null, message: 'does not exist', allowed: null };
  t.is(about({ text: null, problems: [problem] }), 'ddns.conf cannot be edited: does not exist');
});

test('config state › the selection is a setting, and a review scrolls as far as it goes', (t) => {
  const after = (state: ConsoleState, ...actions: ConsoleAction[]) =>
    actions.reduce(reduceConsole, state);
  const down: ConsoleAction = {
    type: 'config',
    change: (_, state) => moveConfig(state, { by: 5 }),
  };
  const state = after(start(), down);
  t.is(selectedRow(state)?.setting.name, 'Backlog');
  const last = after(state, {
    type: 'config',
    change: (_, state) => moveConfig(state, { end: 'last' }),
  });
  t.is(configPosition(last).cursor, settingDefinitions.length - 1);
  const problems = Array.from({ length: 30 }, (_, index) => ({
    line: index + 1,
    name: 'Port',
    value: 'x',
    message: 'must be 1 to 65535',
    allowed: '1 to 65535',
  }));
  const reviewed = after(state, {
    type: 'config',
    change: (config) => setReview(config, { kind: 'problems', problems }),
  });
  const end = after(reviewed, {
    type: 'config',
    change: (_, state) => scrollReview(state, { end: 'last' }),
  });
  t.is(end.config.reviewTop, 93 - 21);
  t.is(
    after(end, { type: 'config', change: (_, state) => scrollReview(state, { pages: 1 }) }).config
      .reviewTop,
    93 - 21,
  );
  t.is(
    after(end, { type: 'config', change: (_, state) => scrollReview(state, { by: -2 }) }).config
      .reviewTop,
    93 - 23,
  );
  t.is(
    after(end, { type: 'config', change: (_, state) => scrollReview(state, { pages: -9 }) }).config
      .reviewTop,
    0,
  );
  t.is(end.config.selected, 'Backlog', 'the selection stays');
});
