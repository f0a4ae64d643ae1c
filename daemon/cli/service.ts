// What follows `ddnsd --init`. Where the systemd service is installed, root gives the files to its user, so that consoles
// can change settings, and starts it. Elsewhere it only says what is next.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ConfigurationSource, checkCommand } from '../../shared/config/paths.ts';
import { serviceUser } from './file-places.ts';
import { InitError, type Written } from './init.ts';

const unit = 'ddnsd.service';

/** There while systemd runs the machine (sd_booted(3)). */
const booted = '/run/systemd/system';

/**
 * Hands a new configuration to the service and starts it.
 * @returns what was done and the next step, line by line
 * @throws InitError if the service does not start
 */
export function nextSteps(source: ConfigurationSource, { files, hasSecret }: Written): string[] {
  const check = `next   ${checkCommand(source)}`;
  // A configuration at a place of its own is not that of the service.
  const user = source.standard === true ? serviceUser(null) : null;
  if (user === null) {
    const note = 'note   it contains the secret: make the user of ddnsd its owner (chown)';
    return hasSecret ? [note, check] : [check];
  }
  for (const path of new Set([...files, ...files.map((file) => dirname(file))]))
    chownSync(path, user.uid, user.gids[0] ?? user.uid);
  const owned = `owner  ${user.name}, so that consoles can change settings`;
  if (!existsSync(booted) || !systemctl('cat', '--quiet', unit)) return [owned, check];
  if (!systemctl('enable', '--quiet', unit) || !systemctl('restart', unit))
    throw new InitError(
      `${unit} did not start. Look at: journalctl -t ddnsd -n 20   correct the configuration, then: systemctl restart ddnsd`,
    );
  return [owned, `started ${unit}, now and on boot`, 'next   ddns-tui'];
}

/** Whether it succeeded; what it complains about goes to standard error. */
function systemctl(...args: string[]): boolean {
  try {
    execFileSync('systemctl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return true;
  } catch {
    return false;
  }
}
