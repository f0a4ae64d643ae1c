// A name server as people name it: by its IP address, or by a host name (RFC 1123, and underscores, which Docker puts
// into the names of its services) that is resolved whenever it is dialled. Other addresses of the protocol are never
// names.
import { serverAddress, usualPort } from './address-kind.ts';

/** Longest host name, and longest label between its dots, in characters (RFC 1035 §2.3.4). */
const maxName = 253;
const maxLabel = 63;

/** A host name with its port, at most, in characters. */
export const maxServerName = maxName + ':65535'.length;

const rule = 'must be ip, ip:port, name or name:port, IPv6 with a port in brackets';

/**
 * `ip:port` or `name:port` of a name server given with a port or without; a name in lower case, without a dot at its
 * end. Otherwise `mistake` says what is wrong, with the text in quotes.
 */
export function namedServer(text: string): { server: string } | { mistake: string } {
  const address = serverAddress(text);
  if (address !== null) return { server: address };
  const wrong = (why: string) => ({ mistake: `"${text}" ${why}` });
  const [name = '', port = String(usualPort), ...more] = text.split(':');
  const isNumeric = /^[\d.]*$/.test(name);
  if (isNumeric || more.length > 0 || /[[\]%]/.test(text))
    return wrong(`is not an address: ${rule}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return wrong(`has the port "${port}": must be 1 to 65535`);
  const host = name.toLowerCase().replace(/\.$/, '');
  const mistake = hostNameMistake(host);
  return mistake === null ? { server: `${host}:${Number(port)}` } : wrong(mistake);
}

/** The host name of `name:port`; null: it is `ip:port`. */
export function hostNameOf(server: string): string | null {
  if (serverAddress(server) !== null) return null;
  return server.slice(0, server.lastIndexOf(':'));
}

function hostNameMistake(name: string): string | null {
  if (name.length > maxName)
    return `is not a host name: it has ${name.length} characters; at most ${maxName} are allowed`;
  for (const label of name.split('.')) {
    if (label === '') return `is not an address or a host name: ${rule}`;
    if (label.length > maxLabel)
      return `is not a host name: "${label}" has ${label.length} characters; at most ${maxLabel} are allowed between two dots`;
    if (/[^\0-\x7f]/.test(label)) return 'is not a host name: write it in ASCII (xn--…)';
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label))
      return `is not a host name: "${label}" must be letters, digits, hyphens and underscores, and begin and end without a hyphen`;
  }
  return null;
}
