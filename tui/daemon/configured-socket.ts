// The socket that this machine's own configuration names.
import { chooseSource } from '../../shared/config/paths.ts';

/** `Socket` of the ddns.conf that ddnsd would read here; null when it cannot be read or is wrong. */
export async function configuredSocket(): Promise<string | null> {
  const { loadConfiguration } = await import('../../shared/config/load.ts');
  try {
    const source = chooseSource({}, process.env, process.platform);
    const { settings } = await loadConfiguration(source, { withoutSecret: true });
    return settings.socket;
  } catch {
    // What is wrong with it is for ddnsd to say; the console has a default.
    return null;
  }
}
