import { expect, test } from '@jest/globals';
import type { Link } from '../../../src/model/network.ts';
import { hostManagers } from '../../../src/probes/node/host-managers.ts';
import { flowBetween, podEnd, podInterface } from '../../support/sample-flow.ts';
import { codeOf, probing } from '../scripted.ts';

const flow = flowBetween(podEnd({ kind: 'node', interface: null }), podEnd());
const usual: Link = { ...podInterface, hostRoutes: ['10.244.1.5'] };
const absent = { exit: 127, stderr: 'sudo: nmcli: command not found' };
const looked = (link: Partial<Link>, nmcli: object = absent, networkctl: object = absent) => {
  const { hostRoutes, ...bare } = { ...usual, ...link };
  const links = [{ ...bare, ...(hostRoutes ? { hostRoutes } : {}) }];
  return probing(hostManagers, {
    script: { 'nmcli-devices': nmcli, 'networkctl-list': networkctl },
    facts: { flow, 'links@target': links, 'links@source': links },
  }).fact('host-managers');
};

test.each<[string, Partial<Link>]>([
  ['has an address', { addresses: [{ address: '169.254.7.9', prefixLength: 16 }] }],
  ['is down', { flags: [] }],
  ['has lost its route', { hostRoutes: [] }],
])('asks who manages an interface that %s', async (_, link) => {
  const said = { stdout: 'eth0:connected\ncali1:disconnected\n' };
  expect(await looked(link, said)).toMatchObject({
    value: [{ node: 'n1', interface: 'cali1', manager: 'NetworkManager', state: 'disconnected' }],
    evidence: [{ excerpt: 'cali1:disconnected' }],
  });
  expect(await looked(link, absent, { stdout: '5 cali1 ether routable configured\n' })).toMatchObject({
    value: [{ manager: 'systemd-networkd', state: 'configured' }],
  });
});

test.each([
  ['none of them is there', absent],
  ['it does not run', { exit: 8, stderr: 'Error: NetworkManager is not running.' }],
  ['it leaves the interface alone', { stdout: 'cali1:unmanaged\n' }],
  ['its answer was cut off', { stdout: 'cali1:connected\n', truncated: true }],
])('nothing manages it where %s', async (_, said) => {
  expect(await looked({ flags: [] }, said)).toMatchObject({ value: [], evidence: [] });
});

test('nothing is asked where the interface is as Calico leaves it', async () => {
  expect(codeOf(await looked({}))).toBe('not-applicable');
});
