// Why a port cannot be listened on, in words that end with what an operator should do.

import type { ListenAddress } from '../../shared/config/interface-address.ts';
import { addressText } from '../../shared/protocol/address-kind.ts';

/** The address or port cannot be listened on; `message` ends with the next step. */
export class ListenError extends Error {
  readonly code: 'port-taken' | 'address-missing' | 'not-allowed' | 'listen-failed';

  constructor(code: ListenError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
    this.code = code;
  }
}

/** The settings that name a port. */
export type PortSetting = 'Port' | 'DnsPort' | 'Metrics';

/** The error of listening at an address, explained. */
export function explainListening(
  error: NodeJS.ErrnoException,
  listen: ListenAddress,
  { transport, setting }: { transport: 'TCP' | 'UDP'; setting: PortSetting },
): ListenError {
  const { address, port } = listen;
  const at = `${transport === 'UDP' ? 'UDP ' : ''}${addressText(listen)}`;
  const options = transport === 'TCP' ? '-ltnp' : '-lunp';
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(
        'port-taken',
        `${at} is taken by another process. Stop it (ss ${options} 'sport = :${port}' names it), or set another ${setting} in ddns.conf`,
        error,
      );
    case 'EADDRNOTAVAIL':
      return new ListenError(
        'address-missing',
        `this machine has no address ${address}. Set ${setting === 'Metrics' ? setting : 'Interface'} in ddns.conf to one it has (ip address lists them)`,
        error,
      );
    case 'EACCES':
      return new ListenError(
        'not-allowed',
        `not allowed to listen on ${at}. Ports below 1024 need a privilege (CAP_NET_BIND_SERVICE): grant it, or set another ${setting} in ddns.conf`,
        error,
      );
    default:
      return new ListenError('listen-failed', `cannot listen on ${at}: ${error.message}`, error);
  }
}
