import test from 'ava';
import { chooseSocket, type SocketChoice } from '../../../tui/daemon/socket-path.ts';

const nothing: SocketChoice = {
  option: undefined,
  env: {},
  platform: 'linux',
  configured: async () => null,
};

test('socket › the option wins over the environment, that over the configuration, that over the default', async (t) => {
  const configured = async () => '/from/conf';
  const env = { DDNS_SOCKET: '/from/env' };
  t.is(await chooseSocket({ ...nothing, option: '/told', env, configured }), '/told');
  t.is(await chooseSocket({ ...nothing, env, configured }), '/from/env');
  t.is(await chooseSocket({ ...nothing, configured }), '/from/conf');
  t.is(await chooseSocket(nothing), '/run/ddnsd/ddnsd.sock');
  t.is(await chooseSocket({ ...nothing, platform: 'win32' }), '\\\\.\\pipe\\ddnsd');
});

test('socket › an empty variable counts as unset', async (t) => {
  t.is(await chooseSocket({ ...nothing, env: { DDNS_SOCKET: '' } }), '/run/ddnsd/ddnsd.sock');
});
