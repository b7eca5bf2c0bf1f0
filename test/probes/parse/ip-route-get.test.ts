import { expect, test } from '@jest/globals';
import { answerOfRouteGet } from '../../../src/probes/parse/ip-route-get.ts';
import { transcript } from '../transcript.ts';

const route = { kind: 'route', type: 'unicast', gateway: null, table: 'main', preferredSource: null };

// Printed by iproute2 6.1 on Linux 6.18.
test.each([
  ['10.244.1.5 from 10.244.2.7 dev caliX \n    cache iif tunl9 \n', { ...route, device: 'caliX' }],
  [
    '10.244.1.5 dev eth9 table 52 src 10.250.0.1 uid 0 \n    cache \n',
    { ...route, device: 'eth9', table: '52', preferredSource: '10.250.0.1' },
  ],
  [
    '8.8.8.8 from 10.244.1.5 via 10.250.0.254 dev eth9 \n    cache iif caliX \n',
    { ...route, device: 'eth9', gateway: '10.250.0.254' },
  ],
  [
    'local 10.244.1.5 from 10.244.2.7 dev lo table local \n    cache <local> iif tunl9 \n',
    { ...route, type: 'local', device: 'lo', table: 'local' },
  ],
  [
    '10.244.1.5 via inet6 fe80::1 dev eth9 src 10.250.0.1 uid 0 \n    cache \n',
    { ...route, device: 'eth9', gateway: 'fe80::1', preferredSource: '10.250.0.1' },
  ],
])('%s', (stdout, expected) => {
  expect(answerOfRouteGet(transcript({ stdout }))).toEqual(expected);
});

test.each([
  ['RTNETLINK answers: Invalid argument\n', 'invalid-argument'],
  ['RTNETLINK answers: Permission denied\n', 'permission-denied'],
  ['RTNETLINK answers: Network is unreachable\n', 'network-unreachable'],
  ['RTNETLINK answers: No route to host\n', 'no-route-to-host'],
  ['RTNETLINK answers: Invalid cross-device link\n', 'cross-device'],
])('the kernel refuses: %s', (stderr, error) => {
  expect(answerOfRouteGet(transcript({ exit: 2, stderr }))).toMatchObject({ kind: 'refused', error });
});

test.each([
  ['an interface that went away', { exit: 1, stderr: 'Cannot find device "gone0"\n' }, 'command-failed'],
  ['no ip', { exit: 127, stderr: 'ip: not found' }, 'command-failed'],
  ['an error that is not known', { exit: 2, stderr: 'RTNETLINK answers: Operation not supported\n' }, 'command-failed'],
  [
    'an older ip',
    { exit: 255, stderr: 'Error: either "to" is duplicate, or "mark" is a garbage.\n' },
    'command-failed',
  ],
  ['wedged', { exit: null, timedOut: true }, 'timeout'],
  ['cut', { truncated: true }, 'output-too-large'],
  ['nothing', { stdout: '' }, 'not-parsed'],
  ['no device', { stdout: '10.0.0.1 via' }, 'not-parsed'],
])('%s is no answer', (_, over, code) => {
  expect(answerOfRouteGet(transcript(over))).toMatchObject({ kind: 'unavailable', code });
});
