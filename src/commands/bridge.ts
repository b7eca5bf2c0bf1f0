import { defineCommand } from '../model/command.ts';

/** Where a device that carries frames sends them: by link-layer address, the address of a node. */
export const bridgeFdb = defineCommand({
  id: 'bridge-fdb',
  argv: ['bridge', 'fdb', 'show', 'dev', '{interface:interface}'],
  timeoutSeconds: 4,
  maxBytes: 2_000_000,
});
