// The views of the console, in the order of their number keys. Names are what is typed (`ddns-tui
// hosts`), titles what is on the screen; the tabs, the keys, the help and the command line read them here.
export const views = [
  { name: 'overview', title: 'Overview', help: 'what the name server is doing' },
  { name: 'hosts', title: 'Hosts', help: 'the registry, row by row' },
  { name: 'peers', title: 'Peers', help: 'the other name servers' },
  {
    name: 'redirects',
    title: 'Redirects',
    help: 'who was sent to which of them, and why',
  },
  { name: 'backlog', title: 'Backlog', help: 'whose request is not answered, and closing one' },
  { name: 'config', title: 'Config', help: 'the settings, and changing them' },
  { name: 'log', title: 'Log', help: 'what the name server says, as it says it' },
] as const;

export type ViewName = (typeof views)[number]['name'];

export const viewNames: readonly ViewName[] = views.map(({ name }) => name);
