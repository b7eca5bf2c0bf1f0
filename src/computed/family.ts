import { judgedFamily } from '../calico/trusted-address.ts';
import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';

export const family = defineComputed({
  id: 'family',
  description: 'Whether packets of IPv4 or of IPv6 are judged. A pod with both kinds of address is judged by IPv4.',
  essential: false,
  needs: [],
  considers: ['pod', 'service'],
  async compute(facts, asked) {
    const [pod, service] = await Promise.all([facts.ask('pod'), facts.ask('service')]);
    if (pod.status === 'unavailable') return observed(4);
    return observed(judgedFamily(pod.value, asked, service.status === 'observed' ? service.value : null));
  },
});
