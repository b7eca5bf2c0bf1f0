import { defineCommand } from '../model/command.ts';

/** Tables of iptables-legacy that are in use; asking iptables-legacy itself with -t or -L would create them. */
export const catIpTablesNames = defineCommand({
  id: 'cat-ip-tables-names',
  argv: ['cat', '/proc/net/ip_tables_names'],
  timeoutSeconds: 2,
  maxBytes: 4_000,
});
