import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

const listening = ['ss', '-Hltn'];
const bounds = { timeoutSeconds: 4, maxBytes: 500_000 } as const;

export const ssListening = defineCommand({ id: 'ss-listening', argv: listening, ...bounds });
export const ssListeningInPod = defineCommand({ id: 'ss-listening-in-pod', argv: [...inPod, ...listening], ...bounds });
/** Source: felix/config, HealthPort 9099. */
export const ssFelixHealthPort = defineCommand({
  id: 'ss-felix-health-port',
  argv: ['ss', '-Hltnp', '( sport = :9099 )'],
  timeoutSeconds: 3,
  maxBytes: 100_000,
});
/** Connections to Typha. Source: typha/pkg/config, ServerPort 5473. */
export const ssTypha = defineCommand({
  id: 'ss-typha',
  argv: ['ss', '-Htan', '( dport = :5473 )'],
  timeoutSeconds: 3,
  maxBytes: 500_000,
});
/** Connections of BGP, and who listens for them. */
export const ssBgp = defineCommand({
  id: 'ss-bgp',
  argv: ['ss', '-Htan', '( sport = :179 or dport = :179 )'],
  timeoutSeconds: 3,
  maxBytes: 500_000,
});
