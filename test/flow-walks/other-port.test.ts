import { expect, test } from '@jest/globals';
import { hasOtherPort } from '../../src/flow-walks/other-port.ts';
import { outerPacket } from '../../src/flow-walks/outer.ts';
import type { Link } from '../../src/model/network.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { captured, valueOf } from '../support/facts.ts';

const links = valueOf(await captured('healthy-vxlan-legacy'), 'links@source');
const withPort = (port: number): readonly Link[] =>
  links.map((link) => (link.name === 'vxlan.calico' ? { ...link, vxlan: { port, id: 4096 } } : link));
const inner = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 6, destinationPort: 8080 });
const portOf = (of: readonly Link[]) =>
  outerPacket(
    'vxlan.calico',
    inner,
    { end: { nodeAddress: '10.250.0.12' }, read: { routes: [], links: of } },
    { end: { nodeAddress: '10.250.0.11' }, read: null },
  )?.destinationPort;

test('VXLAN travels by the port that its device has, and by the usual one where nobody printed it', () => {
  expect([portOf(withPort(8472)), portOf(links)]).toEqual([8472, 4789]);
});

test('another port is told from the usual one, and from one that nobody printed', () => {
  expect([withPort(8472), withPort(4789), links].map((of) => hasOtherPort('vxlan.calico', of))).toEqual([
    true,
    false,
    false,
  ]);
  expect(hasOtherPort('eth0', withPort(8472))).toBe(false);
});
