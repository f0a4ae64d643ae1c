// What the console's file calls the columns of each table, and which of them the operator wants.

/** By table, what the console's file calls its columns. */
export const columnNames = {
  servers: [
    'name',
    'state',
    'address',
    'domain',
    'zone',
    'hosts',
    'registrations',
    'backlog',
    'peers',
    'alarms',
  ],
  hosts: ['address', 'nodeId', 'firstSeen', 'lastSeen', 'state', 'dialect', 'ttlLeft'],
  peers: [
    'address',
    'id',
    'state',
    'roundTrip',
    'lag',
    'lagTime',
    'clock',
    'backlog',
    'hosts',
    'pings',
    'version',
    'sync',
    'roundTrips',
  ],
  redirects: ['time', 'source', 'dialect', 'target', 'reason'],
  backlog: ['waiting', 'source', 'stage', 'dialect', 'tls', 'requests', 'in', 'out', 'id'],
} as const;

export type TableName = keyof typeof columnNames;
export type ColumnName<Table extends TableName> = (typeof columnNames)[Table][number];

/** The columns that the operator wants, in that order; a table that is left out has all, the most important first. */
export type ColumnChoice = { readonly [Table in TableName]?: readonly ColumnName<Table>[] };
