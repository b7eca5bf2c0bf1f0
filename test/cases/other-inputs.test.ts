/**
 * More inputs of the reported kinds that nobody reported: the right cause, or none. Where the same is read of a flow
 * that works, something was read wrong, and it is no fault.
 */
import { describe, expect, test } from '@jest/globals';
import { captured, changed, valueOf } from '../support/facts.ts';
import {
  linked,
  listed,
  native,
  routing,
  ruled,
  save,
  together,
  type Change,
  type Place,
} from '../support/changed-nodes.ts';
import { saidOf } from '../support/judged-facts.ts';
import { withSettings } from '../support/network-facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { lost, rerouted } from '../support/ways.ts';

const adding = (place: Place, table: string, ...lines: readonly string[]) => ruled(place, save(table, ...lines));
/** The tunnel's device is of a VRF whose table ends every packet. */
const tunnelInVrf: Change = (facts) =>
  changed(
    routing('target', ['1000:	from all lookup [l3mdev-table]'], {
      100: [{ type: 'unreachable', destination: '0.0.0.0/0', metric: 4_278_198_272 }],
    })(facts),
    {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        /^(?:tunl0|vxlan\.calico)$/.test(link.name) ? { ...link, vrfTable: '100' } : link,
      ),
    },
  );
const port8080 = { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 8080 } };

interface Expected {
  readonly roots: readonly string[];
  readonly effects?: readonly string[];
  readonly latent?: readonly string[];
}
const cause = (...roots: readonly string[]): Expected => ({ roots });
const silent = cause();

const inputs: readonly (readonly [kind: string, what: string, Change, Expected])[] = [
  [
    'K1',
    'a rule by the address of the pod leads to a table that ends every packet',
    routing('target', ['100:	from 10.244.1.5 lookup 7'], { 7: [{ type: 'unreachable', destination: '0.0.0.0/0' }] }),
    cause('routing-rule-diverts @n1'),
  ],
  ['K1', 'the device of the tunnel is in a VRF', tunnelInVrf, cause('routing-rule-diverts @n1')],
  [
    'K1',
    "another interface of the client's node has the pod's address",
    linked('source', 'dummy0', ['10.244.1.5']),
    cause('pod-address-duplicated @n2'),
  ],
  [
    'K1',
    'a rule itself ends what goes to the pods',
    routing('source', ['50:	from all to 10.244.0.0/16 blackhole']),
    cause('routing-rule-diverts @n2'),
  ],
  [
    'K1',
    'the table of a VPN has a wider network than it serves',
    routing('source', ['32000:	from all lookup 9'], { 9: [{ device: 'wg0', destination: '10.0.0.0/8' }] }),
    { roots: ['routing-rule-diverts @n2'], effects: ['reverse-path-filtered @n2'] },
  ],
  [
    'K2',
    'firewalld, whose zone of the pods is another network',
    ruled(
      'target',
      listed('firewalld-nft', (text) => text.replaceAll('10.244.0.0', '10.77.0.0')),
    ),
    { roots: ['foreign-rule-drops @n1'], latent: ['foreign-rule-drops @n1'] },
  ],
  [
    'K2',
    'a table of its own drops before connections are tracked',
    ruled('target', native({ family: 'inet', hook: 'prerouting', prio: -350 }, port8080, { drop: null })),
    cause('foreign-rule-drops @n1'),
  ],
  [
    'K2',
    'a second table forwards nothing by its policy',
    ruled('target', native({ family: 'inet', hook: 'forward', prio: 0, policy: 'drop' })),
    cause('foreign-rule-drops @n1'),
  ],
  [
    'K3',
    'a program in a rule decides',
    adding('target', 'mangle', '-A FORWARD -m bpf --object-pinned /sys/fs/bpf/x -j DROP'),
    silent,
  ],
  [
    'K3',
    'a set that nobody read decides',
    adding('target', 'filter', '-A FORWARD -m set --match-set nobody-knows src -j DROP'),
    silent,
  ],
  [
    'K3',
    'the words of the packet decide',
    adding(
      'target',
      'filter',
      '-A FORWARD -p tcp -m string --string "x" --algo bm --to 65535 -j REJECT --reject-with tcp-reset',
    ),
    silent,
  ],
  [
    'K4',
    'a match that no kernel ships decides',
    adding('source', 'raw', '-A PREROUTING -m geoip ! --source-country DE -j DROP'),
    silent,
  ],
  [
    'K4',
    'a proxy of handshakes answers those that are not tracked',
    adding(
      'target',
      'filter',
      '-A FORWARD -p tcp -m tcp --dport 8080 -m conntrack --ctstate INVALID,UNTRACKED ' +
        '-j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460',
    ),
    silent,
  ],
  ['K4', 'packets are copied', adding('target', 'mangle', '-A PREROUTING -p tcp -j TEE --gateway 10.250.0.9'), silent],
  [
    'K5',
    'the answer is dropped where it leaves the pod',
    adding('target', 'raw', '-A PREROUTING -s 10.244.1.5/32 -p tcp -m tcp --sport 8080 -j DROP'),
    cause('foreign-rule-drops @n1'),
  ],
  [
    'K5',
    'the answer is dropped on its second node, by its flags',
    adding('source', 'filter', '-A FORWARD -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP'),
    cause('foreign-rule-drops @n2'),
  ],
  [
    'K5',
    'the answer has too little time to live',
    adding('target', 'mangle', '-A PREROUTING -p tcp -m tcp --sport 8080 -j TTL --ttl-set 1'),
    cause('foreign-rule-drops @n1'),
  ],
  [
    'K6',
    'large packets alone are dropped: small ones are lost for another reason',
    adding('target', 'mangle', '-A FORWARD -m length --length 1400:65535 -j DROP'),
    silent,
  ],
  [
    'K8',
    'a firewall ends what it does not know',
    adding('target', 'filter', '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'),
    cause('foreign-rule-drops @n1'),
  ],
  [
    'K9',
    'requests are not tracked where they begin',
    adding('source', 'raw', '-A PREROUTING -p tcp -m tcp --dport 8080 -j NOTRACK'),
    cause('flow-not-tracked @n2'),
  ],
  [
    'K9',
    'both nodes drop the answer: it comes to the first alone',
    together(
      adding('target', 'filter', '-A FORWARD -p tcp -m tcp --sport 8080 -j DROP'),
      adding('source', 'filter', '-A FORWARD -p tcp -m tcp --sport 8080 -j DROP'),
    ),
    { roots: ['foreign-rule-drops @n1'], latent: ['foreign-rule-drops @n2'] },
  ],
  [
    'K9',
    'so many connections a minute are let through',
    adding(
      'target',
      'filter',
      '-A FORWARD -p tcp -m hashlimit --hashlimit-above 1/min --hashlimit-mode srcip --hashlimit-name x -j DROP',
    ),
    silent,
  ],
  [
    'K9',
    'a rule of certain hours',
    adding('target', 'filter', '-A FORWARD -p tcp -m time --timestart 01:00 --timestop 02:00 -j DROP'),
    silent,
  ],
];

describe.each(['healthy-nftables', 'healthy-vxlan-legacy'])('%s', (name) => {
  test.each(inputs)('%s: %s', async (_, __, change, { roots, effects = [], latent = [] }) => {
    const facts = withSettings(lost(await captured(name, { port: { protocol: 'tcp', number: 8080 } })));
    const said = await saidOf(walkedAgain(rerouted(change(facts))));
    expect({ ...said, latent: [...new Set(said.latent)] }).toEqual({
      verdict: roots.length > 0 ? 'fault' : 'inconclusive',
      roots,
      consequences: effects,
      latent,
    });
  });

  test.each(inputs)('%s, and the flow works: %s', async (_, __, change) => {
    const said = await saidOf(walkedAgain(rerouted(change(withSettings(await captured(name))))));
    expect(said).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
  });
});
