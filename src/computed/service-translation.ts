import { defineComputed } from '../model/computed.ts';
import { ebpfWords } from '../model/dataplane.ts';
import { observed, picking, unavailable } from '../model/evidence.ts';
import { ipsets } from '../model/flow-walk.ts';
import { translationOf } from '../ruleset/kube-proxy/translation.ts';

/** kube-proxy's own interface in IPVS mode (pkg/proxy/ipvs, DefaultDummyDevice). */
const ipvsDevice = 'kube-ipvs0';

export const serviceTranslation = defineComputed({
  id: 'service-translation',
  description: "The translation of the asked Service by kube-proxy's rules on the sender's node.",
  essential: false,
  needs: ['flow'],
  considers: ['links@source', 'rulesets@source', 'dataplanes'],
  async compute(facts) {
    const { service, source } = facts.get('flow');
    if (!service) return unavailable('not-applicable', 'the flow goes to no Service that a node translates');
    const [links, rulesets, planes] = await Promise.all([
      facts.ask('links@source'),
      facts.ask('rulesets@source'),
      facts.ask('dataplanes'),
    ]);
    const onEbpf = planes.status === 'observed' && planes.value.find(({ node }) => node === source.node);
    if (onEbpf && onEbpf.dataplane === 'ebpf') return unavailable('not-supported', ebpfWords(onEbpf));
    if (links.status === 'observed' && links.value.some(({ name }) => name === ipvsDevice))
      return unavailable(
        'not-supported',
        `kube-proxy uses IPVS on ${source.node}, and its tables are not read (run ipvsadm -Ln there)`,
      );
    if (rulesets.status === 'unavailable') return unavailable(rulesets.code, rulesets.reason);
    const { value, evidence } = rulesets;
    const found = translationOf(value.ruleSets, service);
    const missed = (value.unread ?? []).find(({ part }) => part !== ipsets);
    // What was not read may be the rules that translate.
    if (missed && (found.kind === 'no-proxy' || found.kind === 'none'))
      return unavailable('needed-fact-missing', `${missed.part}: ${missed.why}`);
    return observed(
      found,
      picking(evidence, (line) => line.includes(service.address) || line.includes(service.name)),
      (value.unread ?? []).map(({ part, why, code = 'command-failed' }) => ({
        code,
        reason: `${part}: ${why}`,
        node: value.node,
      })),
    );
  },
});
