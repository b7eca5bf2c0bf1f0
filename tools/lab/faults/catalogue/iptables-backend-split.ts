import { predictTags } from '../../../../src/ruleset/felix/rule-tags.ts';
import { felixProcess } from '../../nodes/daemons.ts';
import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, uncheckedRules } from '../felix.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

/** The backend that an earlier Felix programmed. */
const earlier = (topology: Topology): 'legacy' | 'nft' =>
  iptablesOf(topology.dataplane) === 'nft' && topology.dataplane !== 'nftables' ? 'legacy' : 'nft';

/** One chain of the earlier Felix, in its own spelling, with the tags that it gives. */
function chain(name: string, rules: readonly string[]): readonly string[] {
  const tags = predictTags(name, rules);
  return rules.map((rule, at) => `-A ${name} -m comment --comment "cali:${tags[at]}" ${rule}`);
}

/** What it wrote when default/mypod was not there yet: it knows shop/db of the same node alone. */
function leftRules(topology: Topology): string {
  const known = podNamed(topology, 'shop/db').interface;
  const chains = {
    FORWARD: ['--jump cali-FORWARD'],
    'cali-FORWARD': ['--out-interface cali+ --jump cali-to-wl-dispatch'],
    'cali-to-wl-dispatch': [
      `--out-interface ${known} --goto cali-tw-${known}`,
      '-m comment --comment "Unknown interface" --jump DROP',
    ],
    [`cali-tw-${known}`]: [
      '-m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT',
      '-m conntrack --ctstate INVALID --jump DROP',
      '--jump cali-pri-kns.shop',
      '-m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN',
      '-m comment --comment "Drop if no profiles matched" --jump DROP',
    ],
    'cali-pri-kns.shop': ['-m comment --comment "Profile kns.shop ingress" --jump MARK --set-mark 0x10000/0x10000'],
  };
  const names = Object.keys(chains).filter((name) => name.startsWith('cali-'));
  return [
    '*filter',
    ...names.map((name) => `:${name} - -`),
    ...Object.entries(chains).flatMap(([name, rules]) => chain(name, rules)),
    'COMMIT',
    '',
  ].join('\n');
}

const nodeOf = (topology: Topology): string => podNamed(topology, 'default/mypod').node;
const felixOf = (topology: Topology): string => felixProcess(nodeOf(topology));

const onNode = (topology: Topology, script: string): Step => ({
  do: 'run',
  on: nodeOf(topology),
  command: ['sh', '-ec', script],
});

export const iptablesBackendSplit = defineFault({
  name: 'iptables-backend-split',
  summary: 'an earlier Felix left rules in another backend on node-a, and they do not know default/mypod',
  expects: {
    verdict: 'fault',
    roots: ['iptables-backend-split'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  break: (topology) => [
    // Felix of today sweeps out such rules, when it starts and whenever it checks its own.
    { do: 'set-environment', process: felixOf(topology), variables: uncheckedRules },
    felixReady(nodeOf(topology)),
    onNode(topology, `iptables-${earlier(topology)}-restore --noflush <<'RULES'\n${leftRules(topology)}RULES`),
  ],
  heal: (topology) => {
    const tool = `iptables-${earlier(topology)}`;
    const rest = `${tool}-save -t filter | grep -v cali | ${tool}-restore -T filter`;
    // An empty table of iptables-nft is no table that was there before.
    return [
      onNode(topology, earlier(topology) === 'nft' ? `${rest}; nft delete table ip filter` : rest),
      { do: 'reset-environment', process: felixOf(topology) },
      felixReady(nodeOf(topology)),
    ];
  },
});
