// The addresses of this machine behind 0.0.0.0 and ::.
import { ownAddresses } from '../../shared/own-interfaces.ts';

/** Most that are used: a socket listens at each, and an answer has to have room for them. */
const maxAddresses = 32;

/** The IP addresses that a wildcard stands for now, in no order; none for any other address. */
export function addressesBehind(wildcard: string): string[] {
  if (wildcard !== '0.0.0.0' && wildcard !== '::') return [];
  return (
    ownAddresses()
      .filter(({ family }) => wildcard === '::' || family === 'IPv4')
      .map(({ address }) => address)
      // An answer to a link-local address leaves from the one of its link in any case, and elsewhere it means nothing.
      .filter((address) => !/^fe[89ab]/i.test(address))
      .slice(0, maxAddresses)
  );
}
