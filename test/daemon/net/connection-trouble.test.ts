// What OpenSSL says of the same alert in its versions, as read off Node 20 and 22.14 (OpenSSL 3.0) and
// Node 22.23, 24 and 26 (OpenSSL 3.5).
import test from 'ava';
import { acceptTrouble, dialTrouble } from '../../../daemon/net/connection-trouble.ts';

function opensslError(number: string, code: string, reason: string): Error {
  const message = `402C4267307F0000:error:${number}:SSL routines:ssl3_read_bytes:${reason}:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:918:SSL alert number 20\n`;
  return Object.assign(new Error(message), { code, library: 'SSL routines', reason });
}

const spellings: [openssl: string, prefix: string, text: string][] = [
  ['3.0', 'ERR_SSL_SSLV3_ALERT', 'sslv3 alert'],
  ['3.5', 'ERR_SSL_SSL/TLS_ALERT', 'ssl/tls alert'],
  ['a later version', 'ERR_SSL_ALERT', 'alert'],
];

for (const [openssl, prefix, text] of spellings) {
  test(`connection trouble › a differing secret is recognised by its alert, as OpenSSL ${openssl} spells it`, (t) => {
    const error = opensslError('0A0003FC', `${prefix}_BAD_RECORD_MAC`, `${text} bad record mac`);
    t.is(
      dialTrouble(error),
      'refuses the TLS handshake: the Secret differs; set the same one in ddns.conf of both name servers',
    );
  });

  test(`connection trouble › another alert is named as its RFC names it, as OpenSSL ${openssl} spells it`, (t) => {
    const error = opensslError('0A000410', `${prefix}_HANDSHAKE_FAILURE`, `${text} handshake fail`);
    t.is(
      dialTrouble(error),
      'does not take part in the TLS handshake (alert handshake_failure); is it a name server with a Secret?',
    );
    t.is(acceptTrouble(error), 'no TLS handshake (alert handshake_failure)');
  });
}

test('connection trouble › an alert without a name is given by its number', (t) => {
  const error = opensslError('0A0004E6', 'ERR_SSL_SOMETHING', 'something');
  t.is(acceptTrouble(error), 'no TLS handshake (alert 254)');
});

test('connection trouble › an error that is no alert keeps the words of OpenSSL', (t) => {
  const error = opensslError(
    '0A000098',
    'ERR_SSL_EXCESSIVE_MESSAGE_SIZE',
    'excessive message size',
  );
  t.is(acceptTrouble(error), 'no TLS handshake (excessive message size)');
});

test('connection trouble › an error that is not from OpenSSL is given by its code', (t) => {
  const error = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' });
  t.is(acceptTrouble(error), 'no TLS handshake (ETIMEDOUT)');
});
