/** What Calico's dumps print in the container of calico-node, under the headings of `bash-ebpf`, from a capture. */
import type { Capture } from './capture.ts';

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
