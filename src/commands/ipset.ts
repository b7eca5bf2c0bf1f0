import { defineCommand } from '../model/command.ts';

export const ipsetSave = defineCommand({
  id: 'ipset-save',
  argv: ['ipset', 'save'],
  timeoutSeconds: 5,
  maxBytes: 16_000_000,
});
