import { defineCommand } from '../model/command.ts';

/** Entries of one client towards one address and port, before any translation. The kernel reads its whole table. */
const listed = (protocol: string) => ({
  argv: [
    'conntrack',
    '-L',
    '-p',
    protocol,
    '-s',
    '{source:address}',
    '-d',
    '{destination:address}',
    '--dport',
    '{port:number}',
  ],
  timeoutSeconds: 4,
  maxBytes: 200_000,
});

export const conntrackListTcp = defineCommand({ id: 'conntrack-list-tcp', ...listed('tcp') });
export const conntrackListUdp = defineCommand({ id: 'conntrack-list-udp', ...listed('udp') });
