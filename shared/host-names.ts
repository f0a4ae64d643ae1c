// The addresses behind the host names of name servers. They are looked up as the system does it (getaddrinfo: files,
// DNS, and whatever else nsswitch.conf names), again on each dial. This is the one place that looks up names.
import { type LookupAddress, promises } from 'node:dns';
import { formatAddress, packAddress } from './protocol/address.ts';
import { hostNameOf } from './protocol/server-name.ts';

/** Finds all addresses of a host name. @throws errors of getaddrinfo */
export type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

/** In the order in which the system would try them (RFC 6724). */
const systemLookup: Lookup = (name) => promises.lookup(name, { all: true, order: 'verbatim' });

/**
 * Each look-up blocks one of the four threads that file access needs as well, for half a minute if no resolver
 * answers.
 */
const maxLookups = 2;

/** A resolver that has not answered by then is taken for down: dialling goes on with other servers meanwhile. */
const lookupTimeoutMs = 10_000;

/** Why a name has no address now: a predicate whose subject is the name server, for operators. */
export class HostNameError extends Error {
  readonly code: string;

  constructor(name: string, code: string) {
    super(
      `has a name that does not resolve (${code}): check ${name}, and what this machine resolves it to (getent ahosts ${name})`,
    );
    this.name = 'HostNameError';
    this.code = code;
  }
}

/** Looks up names, a few at a time, and each name once at a time. */
export class HostNames {
  private readonly lookup: Lookup;
  private readonly timeoutMs: number;
  private readonly running = new Map<string, Promise<readonly LookupAddress[]>>();
  private readonly waiting: (() => void)[] = [];

  constructor(lookup: Lookup = systemLookup, timeoutMs: number = lookupTimeoutMs) {
    this.lookup = lookup;
    this.timeoutMs = timeoutMs;
  }

  /**
   * `ip:port` of each address of a name server, in the order of preference; at least one.
   * @param server `ip:port`, or `name:port`
   * @throws HostNameError
   */
  async resolve(server: string): Promise<string[]> {
    const name = hostNameOf(server);
    if (name === null) return [server];
    const port = Number(server.slice(server.lastIndexOf(':') + 1));
    const found = await this.limited(name);
    const addresses = found
      // A link-local address is no use without its interface, which a name server's port has no place for.
      .map(({ address }) => (address.includes('%') ? null : packAddress(address, port)))
      .filter((words) => words !== null)
      .map((words) => formatAddress(words, 0));
    if (addresses.length === 0) throw new HostNameError(name, 'no address');
    return [...new Set(addresses)];
  }

  private async limited(name: string): Promise<readonly LookupAddress[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.timeoutMs, null).unref();
    });
    try {
      const found = await Promise.race([this.once(name), late]);
      if (found !== null) return found;
    } catch (error) {
      throw new HostNameError(name, (error as NodeJS.ErrnoException).code ?? 'unknown error');
    } finally {
      clearTimeout(timer);
    }
    throw new HostNameError(name, 'no answer');
  }

  private once(name: string): Promise<readonly LookupAddress[]> {
    const known = this.running.get(name);
    if (known !== undefined) return known;
    const looking = this.turn().then(() => this.lookup(name));
    this.running.set(name, looking);
    const done = () => {
      this.running.delete(name);
      this.waiting.shift()?.();
    };
    looking.then(done, done);
    return looking;
  }

  private turn(): Promise<void> {
    if (this.running.size < maxLookups) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
