import { judgedFamily } from '../calico/trusted-address.ts';
import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';

export const family = defineComputed({
  id: 'family',
  description:
    'The family of the judged packets, IPv4 or IPv6: the one that was asked for, or that of the address or the ' +
    'Service that was asked about; else IPv4 for a pod with both kinds of address.',
  essential: false,
  needs: [],
  considers: ['pod', 'service'],
  async compute(facts, asked) {
    const [pod, service] = await Promise.all([facts.ask('pod'), facts.ask('service')]);
    if (pod.status === 'unavailable') return observed(4);
    return observed(judgedFamily(pod.value, asked, service.status === 'observed' ? service.value : null));
  },
});
