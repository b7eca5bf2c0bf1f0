import { defineCommand } from '../model/command.ts';

/** Source: felix/config, HealthPort 9099. */
const health = (path: string) => ({
  argv: ['curl', '-s', '-i', '-m', '2', `http://localhost:9099/${path}`],
  timeoutSeconds: 4,
  maxBytes: 100_000,
});

export const curlFelixLiveness = defineCommand({ id: 'curl-felix-liveness', ...health('liveness') });
export const curlFelixReadiness = defineCommand({ id: 'curl-felix-readiness', ...health('readiness') });
