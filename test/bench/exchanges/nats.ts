// NATS's protocol: `PUB SUBJECT LENGTH`, the payload, and `+OK` for each when `verbose` is asked for.
import { addressOf, countingMarks, type Exchange, nodeIdOf } from './exchange.ts';

export const natsPublish: Exchange = () => ({
  opening: 'CONNECT {"verbose":true,"pedantic":false,"lang":"bench","version":"0"}\r\n',
  request: (host) => {
    const payload = `${addressOf(host)} ${nodeIdOf(host)}`;
    return `PUB hosts ${payload.length}\r\n${payload}\r\n`;
  },
  // The first is for CONNECT.
  answers: countingMarks('+OK\r\n', 1),
});
