import { defineCommand } from '../model/command.ts';

/** What systemd-networkd says of each interface: number, name, type, operational state, state of its set-up. */
export const networkctlList = defineCommand({
  id: 'networkctl-list',
  argv: ['networkctl', 'list', '--no-legend', '--no-pager'],
  timeoutSeconds: 3,
  maxBytes: 500_000,
});
