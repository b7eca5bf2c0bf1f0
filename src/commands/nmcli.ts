import { defineCommand } from '../model/command.ts';

/** What NetworkManager says of each interface: `NAME:STATE`. */
export const nmcliDevices = defineCommand({
  id: 'nmcli-devices',
  argv: ['nmcli', '-t', '-f', 'DEVICE,STATE', 'device'],
  timeoutSeconds: 3,
  maxBytes: 500_000,
});
