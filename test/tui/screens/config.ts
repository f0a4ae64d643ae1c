// Screens of Config.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import {
  type ConfigState,
  moveConfig,
  setReview,
  setSetting,
  setText,
  takeConfig,
  takeReport,
  takeSaved,
} from '../../../tui/views/config/config-state.ts';
import { validation } from '../../../tui/views/config/validation.ts';
import { fixedCheck, fixedConfig, fixedConfText } from '../fixture-data.ts';
import type { Screen } from './screen.ts';

export const configured: ConsoleAction = {
  type: 'config',
  change: (config) => takeConfig({ ...config, validation }, fixedConfig()),
};

function configWith(change: (config: ConfigState) => ConfigState): ConsoleAction {
  return { type: 'config', change };
}

export const changed = configWith((config) =>
  setSetting(setSetting(setSetting(config, 'Backlog', '200'), 'Threads', null), 'Domain', '10'),
);

export const configScreens: readonly Screen[] = [
  { name: 'config', view: 'config', actions: [configured] },
  {
    name: 'config of which one setting just changed, read a while ago',
    view: 'config',
    actions: [
      configWith((config) => takeReport(config, fixedConfig(), -20_000)),
      configWith((config) => {
        const settings = fixedConfig().settings.map((setting) =>
          setting.name === 'Backlog' ? { ...setting, value: '51' } : setting,
        );
        return { ...takeReport(config, fixedConfig({ settings }), 0), readAt: -11_000 };
      }),
    ],
  },
  {
    name: 'config with changes that contradict each other',
    view: 'config',
    actions: [
      configured,
      changed,
      { type: 'config', change: (_, state) => moveConfig(state, { by: 4 }) },
    ],
  },
  {
    name: 'config while a wrong value is typed',
    view: 'config',
    actions: [
      configured,
      { type: 'config', change: (_, state) => moveConfig(state, { by: 5 }) },
      { type: 'prompt', prompt: { kind: 'setting', name: 'Backlog', text: '99999', before: '50' } },
    ],
  },
  {
    name: 'config with a difference to save',
    view: 'config',
    actions: [
      configured,
      changed,
      configWith((config) => setReview(config, { kind: 'difference', check: fixedCheck() })),
    ],
  },
  {
    name: 'config with mistakes in the text',
    view: 'config',
    actions: [
      configured,
      configWith((config) => setText(config, `${fixedConfText}Prot=1\nTTL=1\u001b[2J\n`)),
      configWith((config) =>
        setReview(config, {
          kind: 'problems',
          problems: [
            {
              line: 10,
              name: 'Prot',
              value: '1',
              message: 'is not a setting; did you mean Port?',
              allowed: null,
            },
            {
              line: 11,
              name: 'TTL',
              value: '1\u001b[2J',
              message:
                'must be a number and a unit (s, m, h or d), 1s to 30d, for example 90s or 60m',
              allowed: '1s to 30d, as a number and s, m, h or d',
            },
          ],
        }),
      ),
    ],
  },
  {
    name: 'config that somebody else changed',
    view: 'config',
    actions: [
      configured,
      changed,
      configWith((config) => {
        const text = fixedConfText.replace('#TTL=60m', 'TTL=5m');
        const theirs = fixedConfig({ text, fingerprint: 'second' });
        return setReview(takeConfig(config, theirs), { kind: 'conflict' });
      }),
    ],
  },
  {
    name: 'config that was saved',
    view: 'config',
    actions: [
      configured,
      configWith((config) => {
        const { changed: now, waiting, warnings } = fixedCheck();
        const backup = '/etc/dynamo/DDNS/ddns.conf.bak';
        const after = fixedConfig({ fingerprint: 'second' });
        const saved = { outcome: 'saved' as const, backup, config: after, warnings };
        return takeSaved(config, { ...saved, changed: now, waiting });
      }),
    ],
  },
  {
    name: 'config that the daemon may not write',
    view: 'config',
    actions: [
      configWith((config) =>
        takeConfig(
          config,
          fixedConfig({
            unwritable:
              '/etc/dynamo/DDNS is read-only for ddnsd; with systemd, add it to ReadWritePaths, or edit the file as root and reload',
          }),
        ),
      ),
    ],
  },
];
