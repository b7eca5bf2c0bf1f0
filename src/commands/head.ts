import { defineCommand } from '../model/command.ts';

/**
 * The first entries of the connection table, one a line. The kernel keeps them by a hash of their addresses and ports,
 * so that these stand for all; the whole table of a busy node takes seconds to read.
 */
export const headConnections = defineCommand({
  id: 'head-connections',
  argv: ['head', '-n', '4000', '/proc/net/nf_conntrack'],
  timeoutSeconds: 3,
  maxBytes: 2_000_000,
});
