import { familyOf } from '../../model/addresses.ts';
import type { Fact } from '../../model/evidence.ts';
import { picking } from '../../model/evidence.ts';
import type { InterfaceKey } from '../../model/fix-inputs.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { InterfaceSettings } from '../../model/network.ts';
import { forwarding, nodeNetworking } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';
import { savedIn } from '../../model/saved-settings.ts';
import { entryFacts, flowEntries, nodeWays, settingsOf, type FlowEntry } from '../lib/flow-entries.ts';
import { twinSettingWords } from '../lib/twin-interface.ts';

type Settings = Readonly<Record<FlowEntry['place'], Fact<InterfaceSettings>>>;

export const ipForwardDisabled = defineRule({
  id: 'ip-forward-disabled',
  description: 'Forwarding is off for the interface by which the packet, or its answer, comes in on a node.',
  step: 'routes',
  requires: ['flow'],
  considers: ['kernel-ways', ...entryFacts, 'pods'],
  lacks: ['nodeNetworking'],
  withholds: ['forwarding'],
  fix: 'turn-on-forwarding',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'sysctl net/ipv4/conf/{interface}/forwarding net.ipv4.ip_forward',
      'sysctl -w net/ipv4/conf/{interface}/forwarding=1',
      "grep -rE 'ip_forward|forwarding' /etc/sysctl.conf /etc/sysctl.d   # what turns it off again at the next start?",
    ],
  },
  messages: {
    interface: {
      title: 'Forwarding is off for {interface} on {node}',
      detail:
        'net.ipv4.conf.{interface}.forwarding is 0.{twinSetting} {packets} by {interface}, and the node drops ' +
        'what comes in there for another host.{saved}',
    },
    node6: {
      title: 'Node {node} does not forward packets of IPv6: net.ipv6.conf.all.forwarding is 0',
      detail:
        '{packets} by {interface}. Forwarding of IPv6 is off for the whole node, so the node drops what comes in ' +
        'for another host.',
    },
    node: {
      title: 'Node {node} does not forward packets: net.ipv4.ip_forward is 0',
      detail:
        '{packets} by {interface}. Forwarding is off there and for the whole node, so the node drops what ' +
        'comes in for another host.{saved}',
    },
  },
  judge({ flow }, considered, evidence) {
    const entries = flowEntries(
      flow,
      nodeWays(considered['routes@target'], considered['links@target']),
      nodeWays(considered['routes@source'], considered['links@source']),
      considered['kernel-ways'].status === 'observed' ? considered['kernel-ways'].value : [],
      considered['client-entry'],
    );
    if (entries.length === 0) return notApplicable('no node forwards packets of this flow');
    const settings: Settings = {
      target: considered['interface-settings@target'],
      source: considered['interface-settings@source'],
    };
    const off = entries
      .filter(isKnown)
      .filter((entry) => settingsOf(settings[entry.place], entry.interface)?.forwarding === false);
    const isIpv6 = familyOf(flow.destination.address) === 6;
    const isWholeNode = ({ place }: FlowEntry) => settingsOf(settings[place], 'all')?.forwarding !== true;
    // Where the whole node forwards nothing, one finding tells it.
    const told = off.filter((one, at) => !isWholeNode(one) || off.findIndex(({ node }) => node === one.node) === at);
    const findings = told.map((entry): RawFinding<'interface' | 'node' | 'node6', InterfaceKey> => {
      const { node, interface: name, place } = entry;
      const isWhole = isWholeNode(entry);
      return {
        message: isWhole ? (isIpv6 ? 'node6' : 'node') : 'interface',
        data: {
          node,
          interface: name,
          packets: comesIn(entry),
          saved: savedWords(settings[place], name),
          twinSetting:
            isWhole || entry.kind !== 'pod'
              ? ''
              : twinSettingWords(
                  { end: endOf(entry, flow), flow, pods: considered.pods },
                  settings[place],
                  'forwarding',
                ),
        },
        subject: isWhole ? { kind: 'Node', name: node } : { kind: 'Interface', name },
        node,
        proof: 'read',
        evidence: picking(evidence(`interface-settings@${place}`), (line) =>
          ['all', name].some((one) => line.includes(`/${one}/forwarding:`)),
        ),
        stopsFlow: true,
        lacks: [nodeNetworking(node)],
        withholds: off.filter((one) => one.node === node).map((one) => forwarding(node, one.interface)),
        ...buttonFor(entry, flow, isWhole),
        ...(isWhole ? { advice: isIpv6 ? wholeNode6 : wholeNode } : {}),
      };
    });
    if (findings.length > 0) return fail(...findings);
    const unknown = entries.find(({ place, interface: name }) => settingsOf(settings[place], name)?.forwarding == null);
    if (unknown?.interface === null)
      return inconclusive(`not checked: by which interface packets from ${unknown.from} come in on ${unknown.node}`);
    if (unknown) return inconclusive(`not checked: forwarding of ${unknown.interface} on ${unknown.node}`);
    return pass(`forwarding is on for ${[...new Set(entries.map(({ interface: name }) => name))].join(', ')}`);
  },
});

type KnownEntry = FlowEntry & { readonly interface: string };

function isKnown(entry: FlowEntry): entry is KnownEntry {
  return entry.interface !== null;
}

const wholeNode = {
  who: 'the owner of node {node}',
  commands: [
    'sysctl net.ipv4.ip_forward',
    "grep -rE 'ip_forward|forwarding' /etc/sysctl.conf /etc/sysctl.d   # what turns it off?",
    "iptables-save | grep -E '(:|-A )FORWARD '   # what would the node forward then?",
    'sysctl -w net.ipv4.ip_forward=1   # turns forwarding on for every interface',
  ],
};

const wholeNode6 = {
  who: 'the owner of node {node}',
  commands: [
    'sysctl net.ipv6.conf.all.forwarding',
    "grep -rE 'ipv6.*forwarding' /etc/sysctl.conf /etc/sysctl.d   # what turns it off?",
    "ip6tables-save | grep -E '(:|-A )FORWARD '   # what would the node forward then?",
    'ip -6 route show default   # where it says "proto ra", set accept_ra of its interface to 2 first, to keep it',
    'sysctl -w net.ipv6.conf.all.forwarding=1   # turns forwarding on for every interface',
  ],
};

/** A pod's interface brings in what that pod sends. */
function endOf({ packet }: FlowEntry, { source, destination }: Flow): FlowEnd {
  return packet === 'request' ? source : destination;
}

function comesIn({ packet, from }: FlowEntry): string {
  return packet === 'request' ? `Packets from ${from} come in` : `The answers of ${from} come in`;
}

/** Calico's own interfaces alone: on a network interface of the node, this would let others forward through it. */
function buttonFor(
  { node, interface: name, kind, place }: KnownEntry,
  { source, destination }: Flow,
  isWhole: boolean,
): Pick<RawFinding<string, InterfaceKey>, 'fixInput' | 'noFix'> {
  const { nodeAddress } = place === 'target' ? destination : source;
  if (familyOf(destination.address) === 6) return { noFix: `forwarding of IPv6 is of all interfaces of ${node}` };
  if (isWhole) return { noFix: `net.ipv4.ip_forward of ${node} is 0, and turning it on opens every interface` };
  if (kind === 'card') return { noFix: `${name} is not an interface of Calico, so its owner decides` };
  if (nodeAddress === null) return { noFix: `the address of node ${node} is not known` };
  return { fixInput: { node, nodeAddress, interface: name } };
}

/** Who will turn it off again. */
function savedWords(settings: Fact<InterfaceSettings>, name: string): string {
  if (settings.status === 'unavailable') return '';
  const file = savedIn(settings.value, { interface: name, key: 'forwarding', values: ['0'], all: true });
  return file === null ? '' : ` ${file} turns it off when the node starts.`;
}
