/** What Calico's dumps print in the container of calico-node, under the headings of `bash-ebpf`, from a capture. */
import type { CommandRequest } from '../../src/model/command.ts';
import { parseIpLinks } from '../../src/probes/parse/ip-links.ts';
import { readCapture, type Capture } from './capture.ts';

/** The captures of the eBPF dataplane, and no others, hold what the programs know of interfaces. */
export function isOfEbpf(capture: Capture, node: string): boolean {
  return capture.text(`${node}/ifstate-dump.txt`) !== null;
}

/** @param when `before` or `after` the scenario's own packets @param isWhole with what no packet changes */
export function capturedPrograms(
  capture: Capture,
  node: string,
  device: string,
  when: 'before' | 'after',
  isWhole: boolean,
): { readonly stdout: string } | null {
  if (!isOfEbpf(capture, node)) return null;
  const file = (name: string) => (capture.text(`${node}/${name}`) ?? '').replace(/^\(no output\)\n?/, '');
  const sections: readonly (readonly [string, string])[] = [
    ...(isWhole
      ? ([
          ['attached', file('bpftool-7.5-net.txt')],
          ['maps', 'cali_counters6\ncali_iface4\ncali_rule_ctrs2\ncali_v4_routes\n'],
          ['states', file('ifstate-dump.txt')],
          ['routes', file('routes-dump.txt')],
          ['proxies', ''],
        ] as const)
      : []),
    ['policy', file(`${when}.policy-dump-${device}.txt`)],
    ['counters', tableOf(file(`${when}.counters-dump.txt`), device)],
  ];
  return { stdout: sections.map(([name, text]) => `# ${name}\n${text.trimEnd()}\n# end 0\n`).join('') };
}

/** As `--iface` prints it: the table with its name below. */
function tableOf(dump: string, device: string): string {
  const name = `dumped ${device} counters.`;
  const end = dump.indexOf(name);
  if (end === -1) return '';
  const before = dump.lastIndexOf('dumped ', end - 1);
  return dump.slice(before === -1 ? 0 : dump.indexOf('\n', before) + 1, end + name.length);
}

/** What a node of the eBPF dataplane answers otherwise than the others; undefined: it is asked as they are. */
export function ebpfAnswer(
  capture: Capture,
  node: string,
  { command, moment, params }: CommandRequest,
  snapshots: Map<string, number>,
): { readonly stdout: string } | null | undefined {
  if (!isOfEbpf(capture, node)) return undefined;
  const file = (name: string) => capture.text(`${node}/${name}`) ?? '';
  switch (command.id) {
    case 'bash-ebpf-interface':
    case 'bash-ebpf-counts': {
      const seen = snapshots.get(`${moment} programs`) ?? 0;
      snapshots.set(`${moment} programs`, seen + 1);
      const index = Number.parseInt(params['index'] ?? '', 16);
      const device = parseIpLinks(file('ip-j-d-addr.txt')).find((link) => link.index === index)?.name ?? '';
      const when = moment === 'burst' && seen > 0 ? 'after' : 'before';
      return capturedPrograms(capture, node, device, when, command.id === 'bash-ebpf-interface');
    }
    case 'bash-ebpf-connections': {
      const [from, to] = [addressOf(params['source']), addressOf(params['destination'])];
      const isAsked = (line: string) => line.includes(` ${from}:`) && line.includes(`> ${to}:`);
      return { stdout: `# connections\n${linesOf(file('during.conntrack-dump.txt'), isAsked)}\n# end 0\n` };
    }
    case 'bash-ebpf-services':
      return { stdout: `# services\n${file('nat-dump.txt').trimEnd()}\n# end 0\n` };
    // They were read once: no scenario changes them.
    case 'ip-rule-show':
      return { stdout: readCapture('healthy-bpf').text(`${node}/ip-rule.txt`) ?? '' };
    case 'ip-neighbour':
      return { stdout: linesOf(file('ip-neigh.txt'), (line) => line.startsWith(`${params['address']} `)) };
    case 'bridge-fdb':
      return { stdout: linesOf(file(`bridge-fdb-${params['interface']}.txt`), (line) => line !== '(no output)') };
    case 'bash-find-felix':
      return { stdout: felixAnswers(capture, node) ? '7 calico-felix\n' : '' };
    case 'ss-felix-health-port':
      return {
        stdout: felixAnswers(capture, node) ? 'LISTEN 0 4096 127.0.0.1:9099 users:(("calico-felix",pid=7))\n' : '',
      };
    default:
      return undefined;
  }
}

/** From its number, as the script spells it. */
function addressOf(hex = ''): string {
  return [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function linesOf(text: string, wanted: (line: string) => boolean): string {
  return text.split('\n').filter(wanted).join('\n');
}

/** The scenario that stopped Felix says so: its health port refused. */
function felixAnswers(capture: Capture, node: string): boolean {
  return /^HTTP\/1\.1 \d/.test(capture.text(`${node}/felix-liveness.txt`) ?? '');
}
