import { execFileSync } from 'node:child_process';

/** Three namespaces in a row: a sender, the node whose rules are tried, and what lies behind it. */
export interface Network {
  readonly sender: string;
  readonly node: string;
  readonly close: () => void;
}

/** Needs root. Addresses 10.97/16 are the node's own, 10.98/15 lie behind it. */
export function openNetwork(): Network {
  const [sender, node, behind] = ['s', 'n', 'b'].map((letter) => `rulesets-${process.pid}-${letter}`) as [
    string,
    string,
    string,
  ];
  const close = (): void => {
    for (const name of [sender, node, behind]) {
      try {
        ip('netns', 'del', name);
      } catch {
        // It was never made, or is gone.
      }
    }
  };
  try {
    for (const name of [sender, node, behind]) ip('netns', 'add', name);
    ip('-n', sender, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'cali0in', 'netns', node);
    ip('-n', node, 'link', 'add', 'tunl9', 'type', 'veth', 'peer', 'name', 'end0', 'netns', behind);
    for (const [name, link] of [
      [sender, 'up0'],
      [node, 'cali0in'],
      [node, 'tunl9'],
      [behind, 'end0'],
      [node, 'lo'],
      [sender, 'lo'],
    ] as const)
      ip('-n', name, 'link', 'set', link, 'up');
    execFileSync('ip', [
      'netns',
      'exec',
      node,
      'sh',
      '-c',
      'for key in all default cali0in tunl9; do echo 0 > /proc/sys/net/ipv4/conf/$key/rp_filter; done; echo 1 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv4/icmp_ratelimit',
    ]);
    ip('-n', node, 'link', 'set', 'cali0in', 'address', '02:00:00:00:00:01');
    ip('-n', node, 'addr', 'add', '10.50.255.1/16', 'dev', 'cali0in');
    ip('-n', sender, 'addr', 'add', '10.50.255.2/16', 'dev', 'up0');
    ip('-n', sender, 'neigh', 'add', '10.50.255.1', 'lladdr', '02:00:00:00:00:01', 'dev', 'up0');
    ip('-n', sender, 'route', 'add', 'default', 'via', '10.50.255.1');
    ip('-n', node, 'addr', 'add', '10.60.0.1/32', 'dev', 'tunl9');
    // Without ARP the node's answers go to nobody, and no failed look-up of a neighbour sends it a packet of its own.
    for (const link of ['cali0in', 'tunl9']) ip('-n', node, 'link', 'set', link, 'arp', 'off');
    ip('-n', node, 'route', 'add', '10.98.0.0/15', 'dev', 'tunl9');
    ip('-n', node, 'route', 'add', 'local', '10.97.0.0/16', 'dev', 'lo');
  } catch (error) {
    close();
    throw error;
  }
  return { sender, node, close };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

export function run(namespace: string, command: string, args: readonly string[], input?: string): string {
  return execFileSync('ip', ['netns', 'exec', namespace, command, ...args], {
    input: input ?? '',
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
}

// Reads lines "mark hex" and sends each as it is; perl is in Debian's base, and can open a raw socket where Node
// cannot.
const senderProgram = `
use Socket; socket(my $s, PF_INET, SOCK_RAW, 255) or die "socket: $!";
while (<STDIN>) { my ($mark, $hex) = split; setsockopt($s, SOL_SOCKET, 36, pack("I", $mark)) or die "mark: $!";
  my $p = pack("H*", $hex); my $address = substr($p, 16, 4); my $to = pack_sockaddr_in(0, $address);
  defined send($s, $p, 0, $to) or $!{EPERM} or $!{EHOSTUNREACH} or $!{ECONNREFUSED} or die "send: $!"; }
`;

/** Sends the packets in order, each with the mark its socket gives it. */
export function sendPackets(
  namespace: string,
  packets: readonly { readonly mark: number; readonly bytes: Buffer }[],
): void {
  run(
    namespace,
    'perl',
    ['-MErrno', '-e', senderProgram],
    packets.map(({ mark, bytes }) => `${mark} ${bytes.toString('hex')}\n`).join(''),
  );
}
