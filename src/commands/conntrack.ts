import { defineCommand } from '../model/command.ts';

const between = (protocol: string) => ['-p', protocol, '-s', '{source:address}', '-d', '{destination:address}'];

/** Entries of one client towards one address and port, before any translation. The kernel reads its whole table. */
const listed = (protocol: string) => ({
  argv: ['conntrack', '-L', ...between(protocol), '--dport', '{port:number}'],
  timeoutSeconds: 4,
  maxBytes: 200_000,
});

export const conntrackListTcp = defineCommand({ id: 'conntrack-list-tcp', ...listed('tcp') });
export const conntrackListUdp = defineCommand({ id: 'conntrack-list-udp', ...listed('udp') });

/** One entry: both ports, and where its packets are sent. The kernel makes a new one with the next packet. */
const deleted = (protocol: string) => ({
  argv: [
    'conntrack',
    '-D',
    ...between(protocol),
    '--sport',
    '{sourcePort:number}',
    '--dport',
    '{port:number}',
    '-r',
    '{sentTo:address}',
  ],
  timeoutSeconds: 5,
  maxBytes: 10_000,
  writes: true,
});

export const conntrackDeleteTcp = defineCommand({ id: 'conntrack-delete-tcp', ...deleted('tcp') });
export const conntrackDeleteUdp = defineCommand({ id: 'conntrack-delete-udp', ...deleted('udp') });
