import type { IPPool } from '../../../src/model/calico.ts';
import type { Link } from '../../../src/model/network.ts';
import { tunnelDeviceDown as rule } from '../../../src/rules/routes/tunnel-device-down.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const withTunnel = (key: 'links@target' | 'links@source', change: (link: Link) => Link | null, of: Facts = facts) =>
  changed(of, { [key]: valueOf(of, key).flatMap((link) => (link.name === 'tunl0' ? (change(link) ?? []) : link)) });
const down = (link: Link): Link => ({ ...link, flags: link.flags.filter((flag) => flag !== 'UP') });
const addressless = (link: Link): Link => ({ ...link, addresses: [] });
const withMode = (ipipMode: IPPool['spec']['ipipMode'], of: Facts) =>
  changed(of, { pools: valueOf(of, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode } })) });

testRule(rule, {
  lab: 'tunnel-down',
  rows: [
    ...(
      [
        ['missing', 'links@source', 'n2', () => null],
        ['missing', 'links@target', 'n1', () => null],
        ['down', 'links@source', 'n2', down],
        ['down', 'links@target', 'n1', down],
      ] as const
    ).map(([message, key, node, change]): RuleRow => [
      `fails: ${message} on ${node}`,
      () => withTunnel(key, change),
      [{ finding: `${message} Interface tunl0 @${node} read stops`, withholds: [`tunnel:${node}`] }],
    ]),
    [
      "fails: without an address forwarded packets pass, the node's own do not (1)",
      () => withTunnel('links@source', addressless),
      ['addressless Interface tunl0 @n2 read'],
    ],
    [
      "fails: without an address forwarded packets pass, the node's own do not (2)",
      () => {
        const flow = valueOf(facts, 'flow');
        const own = changed(facts, { flow: { ...flow, source: { ...flow.source, kind: 'node', interface: null } } });
        return withTunnel('links@source', addressless, own);
      },
      ['addressless Interface tunl0 @n2 read stops'],
    ],
    [
      'fails: on both nodes: two findings',
      () => withTunnel('links@target', down, withTunnel('links@source', down)),
      ['down Interface tunl0 @n2 read stops', 'down Interface tunl0 @n1 read stops'],
    ],
    [
      "fails: a VXLAN pool's own device, whatever stands about IP in IP beside it",
      async () => {
        const broken = await captured('healthy-vxlan-legacy');
        const links = valueOf(broken, 'links@target').map((link) => (link.name === 'vxlan.calico' ? down(link) : link));
        return changed(broken, { 'links@target': links });
      },
      [{ finding: 'down Interface vxlan.calico @n1 read stops', withholds: ['tunnel:n1'] }],
    ],
    ['passes where both are up', () => facts, 'pass'],
    ['passes where both devices of a VXLAN pool are up', () => captured('healthy-vxlan-legacy'), 'pass'],
    [
      'does not apply: to a leftover device of a pool without IP in IP',
      () => withTunnel('links@source', down, withMode('Never', facts)),
      'not-applicable',
    ],
    [
      'does not apply: between nodes of one subnet, where the pool is encapsulated only between subnets',
      () => {
        return withTunnel('links@source', down, withMode('CrossSubnet', facts));
      },
      'not-applicable',
    ],
    [
      'fails: between nodes of two subnets, where the pool is encapsulated only between subnets',
      () => {
        const broken = withTunnel('links@source', down, withMode('CrossSubnet', facts));
        const flow = valueOf(facts, 'flow');
        return changed(broken, { flow: { ...flow, destination: { ...flow.destination, nodeAddress: '192.168.9.9' } } });
      },
      ['down Interface tunl0 @n2 read stops'],
    ],
    [
      'fails: only a network of another interface of the node holds the address of the other',
      () => {
        const broken = withTunnel('links@source', down, withMode('CrossSubnet', facts));
        const links = valueOf(broken, 'links@source').map((link) =>
          link.name === 'lo' ? { ...link, addresses: [{ address: '192.168.9.1', prefixLength: 24 }] } : link,
        );
        const flow = valueOf(facts, 'flow');
        const other = { ...flow, destination: { ...flow.destination, nodeAddress: '192.168.9.9' } };
        return changed(broken, { flow: other, 'links@source': links });
      },
      ['down Interface tunl0 @n2 read stops'],
    ],
    [
      'inconclusive: no interface has the address of the node, whose subnet decides',
      () => {
        const flow = valueOf(facts, 'flow');
        const moved = { ...flow, source: { ...flow.source, nodeAddress: '192.168.9.9' } };
        return changed(withTunnel('links@source', down, withMode('CrossSubnet', facts)), { flow: moved });
      },
      'inconclusive',
    ],
    [
      'does not apply: within one node',
      () => {
        const flow = valueOf(facts, 'flow');
        return withTunnel(
          'links@target',
          down,
          changed(facts, { flow: { ...flow, source: { ...flow.source, node: 'n1' } } }),
        );
      },
      'not-applicable',
    ],
    [
      'does not apply: to an address in no pool (a hostNetwork pod)',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(facts, { flow: { ...flow, destination: { ...flow.destination, address: '10.250.0.11' } } });
      },
      'not-applicable',
    ],
    ['does not apply: to a source outside', () => blind(facts, ['links@source'], 'not-applicable'), 'not-applicable'],
    ...(['links@target', 'links@source', 'pools'] as const).map((key): RuleRow => [
      `inconclusive without ${key}`,
      () => blind(facts, [key]),
      'inconclusive',
    ]),
  ],
});
