/**
 * A captured cluster of IPv4 as one of IPv6: every address `A.B.C.D` becomes the last 32 bits of one in fd00:10::/96, so
 * that nets hold the same ends. Commands of IPv6 are answered by their counterparts. What IPIP carries there, VXLAN does
 * here: there is no IPIP of IPv6.
 */
import { isIP } from 'node:net';
import { commands } from '../../src/commands/registry.ts';
import { addressValue, formatAddress } from '../../src/model/addresses.ts';
import type { Transcript } from '../../src/model/command.ts';
import type { ClusterReader, NodeShells } from '../../src/model/ports.ts';

interface Captured {
  readonly cluster: ClusterReader;
  readonly shells: NodeShells;
}

const net = addressValue('fd00:10::')?.value ?? 0n;
const device = 'vxlan-v6.calico';
const usual: Readonly<Record<string, string>> = { '127.0.0.1': '::1', '169.254.1.1': 'fe80::1', '0.0.0.0/0': '::/0' };
const counterparts: Readonly<Record<string, string>> = {
  'ip-6-route-show': 'ip-route-show',
  'ip-6-route-show-text': 'ip-route-show-text',
  'ip-6-rule-show': 'ip-rule-show',
  'ip-6-route-show-tables': 'ip-route-show-tables',
  'ip-6-neighbour': 'ip-neighbour',
  'cat-ip6-tables-names': 'cat-ip-tables-names',
  'ip6tables-legacy-save': 'iptables-legacy-save',
  'ip6tables-nft-save': 'iptables-nft-save',
  'bash-pod-network6-in-pod': 'bash-pod-network-in-pod',
  'tcpdump-6-flow': 'tcpdump-flow',
};

/** @param tunnel the device by which the captured nodes send packets of pods to each other */
export function asIpv6({ cluster, shells }: Captured, tunnel: string): Captured {
  const six = <T>(value: T): T => inIpv6(value, tunnel);
  return {
    cluster: {
      ...cluster,
      read: async (reference) => six(await cluster.read(reference)) as never,
      list: async (query) => {
        const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(query.fieldSelector ?? '') ?? [];
        const selector = key === '' ? {} : { fieldSelector: `${key}=${toIpv4(value, tunnel)}` };
        return six(await cluster.list({ ...query, ...selector })) as never;
      },
    },
    shells: {
      ...shells,
      shell: (address) => {
        const shell = shells.shell(address);
        return {
          ...shell,
          start: (request) => {
            const id = counterparts[request.command.id] ?? request.command.id;
            const command = commands.find((one) => one.id === id) ?? request.command;
            const params = Object.fromEntries(
              Object.entries(request.params).map(([name, value]) => [name, toIpv4(value, tunnel)]),
            );
            const running = shell.start({ ...request, command, params });
            const result = running.result.then((transcript): Transcript => ({
              ...transcript,
              stdout: asCaptured(toIpv6(transcript.stdout, tunnel)),
            }));
            result.catch(() => {});
            return { ...running, result };
          },
        };
      },
    },
  };
}

/** Returns data with the addresses of IPv6. */
export function inIpv6<T>(value: T, tunnel: string): T {
  return JSON.parse(toIpv6(JSON.stringify(value), tunnel)) as T;
}

/** As tcpdump prints packets of IPv6, in VXLAN where they were in another tunnel. */
function asCaptured(text: string): string {
  return text
    .replaceAll(/ IP (?=[0-9a-f]{0,4}:)/g, ' IP6 ')
    .replaceAll(/ IP6 (\S+) > (\S+): IP6 /g, ' IP6 $1.58910 > $2.4789: VXLAN, flags [I] (0x08), vni 4096 IP6 ')
    .replaceAll(': ICMP echo ', ': ICMP6, echo ');
}

function toIpv6(text: string, tunnel: string): string {
  return text
    .replaceAll(
      /(?<![\d.])((?:\d{1,3}\.){3}\d{1,3})(\/\d{1,2})?(?![\d.])/g,
      (whole, address: string, bits: string | undefined) => {
        if (isIP(address) !== 4) return whole;
        const known = usual[whole] ?? usual[address];
        const six = known ?? formatAddress({ width: 128, value: net | (addressValue(address)?.value ?? 0n) });
        return bits === undefined || known !== undefined ? six : `${six}/${96 + Number(bits.slice(1))}`;
      },
    )
    .replaceAll(/"family":"inet"(.{0,60}?)"prefixlen":(\d+)/g, (_, between: string, bits: string) => {
      return `"family":"inet6"${between}"prefixlen":${96 + Number(bits)}`;
    })
    .replaceAll(
      /("addr": "[0-9a-f:]+", "len": )(\d+)/g,
      (_, before: string, bits: string) => `${before}${96 + Number(bits)}`,
    )
    .replaceAll(/("family": ?")ip"/g, '$1ip6"')
    .replaceAll(/("protocol": ?")ip"/g, '$1ip6"')
    .replaceAll('ipv4_addr', 'ipv6_addr')
    .replaceAll(/^table ip /gm, 'table ip6 ')
    .replaceAll(' family inet ', ' family inet6 ')
    .replaceAll(new RegExp(String.raw`\b${tunnel.replace('.', String.raw`\.`)}\b`, 'g'), device)
    .replaceAll(/ipipMode(":"|: )Always/g, 'vxlanMode$1Always');
}

function toIpv4(text: string, tunnel: string): string {
  if (text === 'ip6') return 'ip';
  const value = addressValue(text);
  const isOurs = value?.width === 128 && value.value >> 32n === net >> 32n;
  return isOurs ? formatAddress({ width: 32, value: value.value & 0xffffffffn }) : text.replace(device, tunnel);
}
