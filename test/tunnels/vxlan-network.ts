/** Two nodes with VXLAN of the real kernel between them, in network namespaces. Needs root. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { familyOf, hostNet } from '../../src/model/addresses.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { RunningCommand } from '../../src/model/command.ts';
import { transcript } from '../probes/transcript.ts';

export interface VxlanNetwork {
  /** Pings from the source's node, once. @param from an address of the node */
  readonly ping: (from: string, to: string, bytes: number) => void;
  /** Drops datagrams of VXLAN for the target's node on the network between the nodes. */
  block(): void;
  /** Runs a command on the node of the flow's source or destination, until it is stopped. */
  readonly start: (at: 'source' | 'destination', argv: readonly string[]) => LiveCommand;
  /** Runs a command on a node to its end. @returns what it printed. @throws Error when it fails */
  readonly run: (at: 'source' | 'destination', argv: readonly string[], input?: string) => string;
  close(): void;
}
export interface LiveCommand extends RunningCommand {
  /** Settles when it has printed the text. */
  printed(text: string): Promise<void>;
  /** Settles when it waits: what has come is dealt with. On a busy machine it may be given no time before. */
  asleep(): Promise<void>;
}

const mac = { source: '66:00:00:00:00:02', destination: '66:00:00:00:00:01' };
const ends = ['source', 'destination'] as const;
const name = (part: string) => `vxlan-${process.pid}-${part}`;
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' });
const other = { source: 'destination', destination: 'source' } as const;

/**
 * The family of the network is that of the flow.
 * @param flow between pods of two nodes; each node has its pod's address itself
 * @param tunnelAddresses of the nodes' devices
 */
export function openVxlanNetwork(
  flow: Flow,
  tunnelAddresses: Readonly<Record<(typeof ends)[number], string>>,
): VxlanNetwork {
  const is6 = familyOf(flow.destination.address) === 6;
  const device = is6 ? 'vxlan-v6.calico' : 'vxlan.calico';
  const between = name('between');
  // Nobody else is there: addresses of IPv6 are used at once.
  const atOnce = is6 ? ['nodad'] : [];
  const addressOn = (namespace: string, net: string, link: string) =>
    ip('-n', namespace, 'addr', 'add', net, 'dev', link, ...atOnce);
  const exec = (namespace: string, ...args: string[]) => ip('netns', 'exec', name(namespace), ...args);
  const close = () => {
    for (const part of [...ends, 'between']) {
      try {
        ip('netns', 'del', name(part));
      } catch {
        // It was never made, or is gone.
      }
    }
  };
  try {
    ip('netns', 'add', between);
    ip('-n', between, 'link', 'add', 'bridge', 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0');
    ip('-n', between, 'link', 'set', 'bridge', 'up');
    for (const end of ends) {
      ip('netns', 'add', name(end));
      ip('-n', between, 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name(end));
      ip('-n', between, 'link', 'set', end, 'master', 'bridge', 'up');
    }
    for (const end of ends) {
      const [node, peer, namespace] = [flow[end].nodeAddress ?? '', flow[other[end]].nodeAddress ?? '', name(end)];
      addressOn(namespace, `${node}/${is6 ? 120 : 24}`, 'eth0');
      for (const link of ['eth0', 'lo']) ip('-n', namespace, 'link', 'set', link, 'up');
      addressOn(namespace, hostNet(flow[end].address), 'lo');
      ip(
        '-n',
        namespace,
        'link',
        'add',
        device,
        'address',
        mac[end],
        'type',
        'vxlan',
        'id',
        '4096',
        'local',
        node,
        'dev',
        'eth0',
        'dstport',
        '4789',
        'nolearning',
      );
      addressOn(namespace, hostNet(tunnelAddresses[end]), device);
      ip('-n', namespace, 'link', 'set', device, 'up');
      const [gateway, gatewayMac] = [tunnelAddresses[other[end]], mac[other[end]]];
      ip('-n', namespace, 'neigh', 'add', gateway, 'lladdr', gatewayMac, 'dev', device);
      execFileSync('bridge', ['-n', namespace, 'fdb', 'add', gatewayMac, 'dst', peer, 'dev', device], {
        stdio: 'pipe',
      });
      ip('-n', namespace, 'route', 'add', flow[other[end]].address, 'via', gateway, 'dev', device, 'onlink');
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    ping(from, to, bytes) {
      try {
        exec('source', 'ping', '-n', '-c', '1', '-W', '1', '-s', String(bytes), '-I', from, to);
      } catch {
        // What is blocked does not answer.
      }
    },
    block() {
      exec(
        'between',
        'nft',
        `table bridge filter { chain transit { type filter hook forward priority 0; ${is6 ? 'ip6' : 'ip'} daddr ${flow.destination.nodeAddress} udp dport 4789 drop; }; }`,
      );
    },
    run: (at, argv, input = '') =>
      execFileSync('ip', ['netns', 'exec', name(at), ...argv], {
        input,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    start: (at, argv) => live(at, ['netns', 'exec', name(at), ...argv]),
    close,
  };
}

function live(node: string, args: readonly string[]): LiveCommand {
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const until = (stream: 'stdout' | 'stderr', text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!said[stream].includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended before it said ${text}: ${said.stderr}`)));
    });
  return {
    ready: until('stderr', 'listening on'),
    result: ended.then(() => transcript({ node, ...said })),
    stop: () => void child.kill('SIGTERM'),
    printed: (text) => until('stdout', text),
    async asleep() {
      while (child.exitCode === null && !/^State:\tS/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')))
        await setTimeout(5);
    },
  };
}
