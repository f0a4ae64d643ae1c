// The settings of a fleet over NATS: a part of the table in settings.ts.
import { formatFleet } from './fleet.ts';
import type { Definitions } from './setting-types.ts';
import { fleetOrNone, pathOrNone } from './setting-values.ts';

export const fleetDefinitions: Pick<Definitions, 'fleet' | 'natsCredentials'> = {
  fleet: {
    name: 'Fleet',
    key: 'fleet',
    default: 'none',
    allowed: 'none, or nats://host[:port][,host[:port]…][/name], with tls:// inside TLS',
    applies: 'restart',
    meaning:
      'NATS servers over which the name servers find each other and sync, besides those in NameServers. All servers that name the same fleet (dynamo unless given) there are peers.',
    tradeOff:
      'A name server dials out only, holds one connection, and needs not be named anywhere: for more than a handful of servers, or behind firewalls. But NATS has to be run, and while it is gone the servers exchange nothing. Set Secret as well, or everybody on that NATS account can read and change what they exchange. A change goes out once, whatever the number of servers.',
    schema: fleetOrNone,
    format: (fleet) => (fleet === null ? 'none' : formatFleet(fleet)),
  },
  natsCredentials: {
    name: 'NatsCredentials',
    key: 'natsCredentials',
    default: 'none',
    allowed: "none, or a file's path; a relative one starts at the folder of ddns.conf",
    applies: 'restart',
    meaning:
      'File with the login at the NATS servers: credentials as nsc writes them, the seed of an nkey, a token, or a user and a password in one line.',
    tradeOff:
      'It is read at each connection, so a new login needs no restart. Give the fleet an account of its own, with the subjects ddns.> only, and keep the file readable for the daemon alone.',
    schema: pathOrNone,
    format: (file) => file ?? 'none',
  },
};
