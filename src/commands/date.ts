import { defineCommand } from '../model/command.ts';

/** The node's own clock, in whole seconds of Unix time. */
export const dateSeconds = defineCommand({
  id: 'date-seconds',
  argv: ['date', '+%s'],
  timeoutSeconds: 2,
  maxBytes: 100,
});
