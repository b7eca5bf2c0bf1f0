import { observed } from '../../../src/model/evidence.ts';
import type { IpamUsage } from '../../../src/model/ipam.ts';
import { addressPoolExhausted as rule } from '../../../src/rules/target/address-pool-exhausted.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const saying = (message: string): Facts => ({
  ...changed(facts, { pod: { ...valueOf(facts, 'pod'), status: { phase: 'Pending' } } }),
  'pod-events': observed([
    {
      reason: 'FailedCreatePodSandBox',
      message: `plugin type="calico" failed (add): ${message}`,
      at: '2026-11-23T18:00:00Z',
      count: 2,
    },
  ]),
});
const none = saying(
  'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.244.0.0/16]',
);
const using = (free: number, of: Partial<IpamUsage> = {}): Facts =>
  changed(none, {
    ipam: { pools: [{ cidr: '10.244.0.0/16', total: 64, free }], strictAffinity: 'off', maxBlocksPerHost: 0, ...of },
  });
const found = (message: string) => `${message} Pod default/mypod @n1 read stops`;

testRule(rule, {
  lab: { none: 'the pods of the lab get no address from a pool: the topology has them' },
  rows: [
    [
      'fails: every pool is full',
      () => using(0),
      [
        {
          finding: found('full'),
          data: { pools: '10.244.0.0/16: 0 of 64 addresses are free' },
          withholds: ['poolAddress:default/mypod'],
        },
      ],
    ],
    [
      'fails: free addresses, and this node may not have them',
      () => using(9, { strictAffinity: 'on', maxBlocksPerHost: 1 }),
      [
        {
          finding: found('kept'),
          data: {
            settings:
              'StrictAffinity is on: a node takes addresses of its own blocks alone. A node may have 1 blocks at most. ',
          },
        },
      ],
    ],
    [
      'fails: free addresses, and no setting says why the pod gets none',
      () => using(9, { strictAffinity: null, maxBlocksPerHost: null }),
      [{ finding: found('kept'), data: { settings: '' } }],
    ],
    [
      'fails: all pools are disabled',
      () =>
        changed(none, {
          pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, disabled: true } })),
        }),
      [{ finding: found('none'), data: { pools: '10.244.0.0/16: disabled' } }],
    ],
    [
      'fails: there is no pool',
      () => changed(none, { pools: [] }),
      [{ finding: found('none'), data: { pools: 'There is no IP pool' } }],
    ],
    ['fails by the word of the plugin alone (1)', () => blind(none, ['ipam'], 'not-supported'), [found('reported')]],
    ['fails by the word of the plugin alone (2)', () => blind(using(0), ['pools']), [found('reported')]],
    [
      'fails by the word of the plugin alone (3)',
      () => using(0, { pools: [{ cidr: '198.51.100.0/24', total: 64, free: 0 }] }),
      [found('reported')],
    ],
    ['does not apply: the plugin fails otherwise', () => saying('Unauthorized'), 'not-applicable'],
    ['does not apply: the pod runs', () => blind(facts, ['pod-events'], 'not-applicable'), 'not-applicable'],
    ['inconclusive: the events may not be read', () => blind(none, ['pod-events'], 'api-forbidden'), 'inconclusive'],
  ],
});
