import { felixBackend } from '../calico/felix-backend.ts';
import { defineComputed } from '../model/computed.ts';
import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { FactKey, Place } from '../model/facts.ts';
import type { ComputedInputs } from '../model/computed.ts';
import type { FlowEnd } from '../model/flow.ts';
import type { LeftOverRules } from '../model/left-over-rules.ts';
import type { NodeRuleSets } from '../model/flow-walk.ts';
import { podLink } from '../model/pod-link.ts';
import { calicoBackends, knowsInterface } from '../ruleset/felix/calico-backends.ts';

type Considered =
  | 'rulesets@target'
  | 'rulesets@source'
  | 'links@target'
  | 'links@source'
  | 'felix-log@target'
  | 'felix-log@source'
  | 'install';

export const leftOverRules = defineComputed({
  id: 'left-over-rules',
  description:
    "Nodes of the flow whose packets meet Calico's rules in more than one backend, and which Felix programs.",
  essential: false,
  needs: ['flow'],
  considers: [
    'rulesets@target',
    'rulesets@source',
    'links@target',
    'links@source',
    'felix-log@target',
    'felix-log@source',
    'install',
  ],
  async compute(facts) {
    const { source, destination } = facts.get('flow');
    const rulesets = await facts.ask('rulesets@target');
    if (rulesets.status === 'unavailable') return unavailable('needed-fact-missing', rulesets.reason);
    const at = async (place: Place, read: Fact<NodeRuleSets>, end: FlowEnd) =>
      read.status === 'observed' ? splitOn(facts, place, read.value, end) : null;
    const found = await Promise.all([
      at('target', rulesets, destination),
      source.node === destination.node ? null : at('source', await facts.ask('rulesets@source'), source),
    ]);
    return observed(
      found.flatMap((one) => one ?? []),
      rulesets.evidence,
    );
  },
});

/** Nobody waits for Felix's log where one backend alone has Calico's rules. */
async function splitOn(
  facts: Pick<ComputedInputs<FactKey, Considered>, 'ask'>,
  place: Place,
  { node, ruleSets }: NodeRuleSets,
  end: FlowEnd,
): Promise<LeftOverRules | null> {
  const backends = calicoBackends(ruleSets);
  if (backends.length < 2) return null;
  const log = await facts.ask(`felix-log@${place}`);
  const told = log.status === 'observed' ? felixBackend(log.value) : null;
  if (told !== null && backends.includes(told)) return { node, backends, inUse: told, sign: "Felix's log says so" };
  const install = await facts.ask('install');
  const wanted = install.status === 'observed' ? install.value.packetFilter : undefined;
  const mayDiffer = wanted !== 'nftables' && backends.includes('nftables');
  if (wanted !== undefined && !mayDiffer && backends.includes(wanted))
    return { node, backends, inUse: wanted, sign: "calico-node's environment says so" };
  const links = await facts.ask(`links@${place}`);
  const pod = (links.status === 'observed' && podLink(links.value, end)?.name) || end.interface;
  const knowing = pod === null ? [] : backends.filter((one) => knowsInterface(ruleSets, one, pod));
  const [only = null] = knowing;
  if (knowing.length === 1 && only !== null)
    return { node, backends, inUse: only, sign: `only there Calico has chains for ${pod}` };
  return { node, backends, inUse: null, sign: '' };
}
