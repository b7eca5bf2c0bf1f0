import { defineComputed } from '../model/computed.ts';
import { observed, picking, unavailable } from '../model/evidence.ts';
import { ipsets } from '../model/flow-walk.ts';
import { ipvsDevice } from '../model/ipvs.ts';
import { ipvsTranslation } from '../ruleset/kube-proxy/ipvs.ts';
import { programTranslation } from '../ruleset/kube-proxy/program-services.ts';
import { translationOf } from '../ruleset/kube-proxy/translation.ts';

export const serviceTranslation = defineComputed({
  id: 'service-translation',
  description:
    "The translation of the asked Service on the sender's node, by kube-proxy's rules or by Calico's eBPF programs.",
  essential: false,
  needs: ['flow'],
  considers: ['links@source', 'rulesets@source', 'dataplanes', 'ipvs-servers', 'program-services'],
  async compute(facts) {
    const { service, source } = facts.get('flow');
    if (!service) return unavailable('not-applicable', 'the flow goes to no Service that a node translates');
    const [links, rulesets, planes] = await Promise.all([
      facts.ask('links@source'),
      facts.ask('rulesets@source'),
      facts.ask('dataplanes'),
    ]);
    const onEbpf = planes.status === 'observed' && planes.value.find(({ node }) => node === source.node);
    if (onEbpf && onEbpf.dataplane === 'ebpf') {
      const held = await facts.ask('program-services');
      if (held.status === 'unavailable')
        return unavailable(
          held.code,
          `what Calico's eBPF programs on ${source.node} hold of Services was not read: ${held.reason}`,
        );
      const translation = programTranslation(held.value, service);
      return translation
        ? observed(translation, held.evidence)
        : unavailable('not-supported', `Calico's eBPF programs on ${source.node} leave the Service to others`);
    }
    const usesIpvs = links.status === 'observed' && links.value.some(({ name }) => name === ipvsDevice);
    // Rules rewrite the address before IPVS sees the packet; the interface may be left from another mode.
    const isByRules =
      rulesets.status === 'observed' && translationOf(rulesets.value.ruleSets, service).kind === 'endpoints';
    if (usesIpvs && !isByRules) {
      const servers = await facts.ask('ipvs-servers');
      return servers.status === 'observed'
        ? observed(ipvsTranslation(servers.value, links.value, service), servers.evidence)
        : unavailable(
            servers.code,
            `kube-proxy uses IPVS on ${source.node}, which was not read: ${servers.reason} (run ipvsadm -Ln there)`,
          );
    }
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
