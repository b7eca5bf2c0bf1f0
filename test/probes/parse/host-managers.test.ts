import { expect, test } from '@jest/globals';
import { parseNetworkctl, parseNmcliDevices } from '../../../src/probes/parse/host-managers.ts';

test.each([
  ['cali1:unmanaged\neth0:connected\ncali2:disconnected\n', { eth0: 'connected', cali2: 'disconnected' }],
  [
    'cali1:connected (externally)\ncali2:connecting (getting IP configuration)\n',
    { cali2: 'connecting (getting IP configuration)' },
  ],
  [String.raw`a\:b:connected`, { 'a:b': 'connected' }],
  [':connected\n\n', {}],
  ['', {}],
])('nmcli: %j', (text, managed) => {
  expect(Object.fromEntries(parseNmcliDevices(text).map((one) => [one.interface, one.state]))).toEqual(managed);
});

test.each([
  ['  1 lo    loopback carrier  unmanaged\n  5 cali1 ether    degraded configured\n', { cali1: 'configured' }],
  ['● 7 cali2 ether off failed\n* 8 cali3 ether no-carrier configuring\n', { cali2: 'failed', cali3: 'configuring' }],
  ['  5 cali1 ether routable pending\n', {}],
  ['systemd-networkd is not running, output might be incomplete.\n  5 cali1 ether n/a unmanaged\n', {}],
  ['5 cali1', {}],
  ['', {}],
])('networkctl: %j', (text, managed) => {
  expect(Object.fromEntries(parseNetworkctl(text).map((one) => [one.interface, one.state]))).toEqual(managed);
});
