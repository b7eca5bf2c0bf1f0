import { expect, test } from '@jest/globals';
import { felixBackend } from '../../src/calico/felix-backend.ts';
import { captured } from '../ruleset/captured.ts';

const looked = (name: string) =>
  `2026-11-23 18:22:46.392 [INFO][6797] felix/feature_detect_linux.go 460: Looked up iptables command backendMode="x" ` +
  `candidates=[]string{"${name}", "iptables-save"} command="${name}" ipVersion=0x4 saveOrRestore="save"`;
const parsed = (mode: string) =>
  `2026-11-23 18:17:39.586 [INFO][1667] felix/config_params.go 862: Parsed value for NFTablesMode: ${mode} (from x)`;
const chose = (value: boolean) =>
  'felix/utils.go 60: Determined whether or not to use nftables calicoMode="Auto" kubeProxyEnabled=true ' +
  `useNftables=${value}`;

test.each([
  ['healthy-nftables', 'nftables'],
  ['calico-node-forbidden-new-pod-kdd-nft', 'iptables-nft'],
])('%s: what real Felix wrote says %s', (folder, backend) =>
  expect(felixBackend(captured(`${folder}/n1/felix.log`).split('\n'))).toBe(backend),
);

test.each<[string, string[], string | null]>([
  ['the backend of iptables', [looked('iptables-legacy-save')], 'iptables-legacy'],
  ['the last word', [looked('iptables-legacy-save'), 'x', looked('iptables-nft-restore')], 'iptables-nft'],
  [
    'nftables beside commands of iptables, which clean up',
    [parsed('Enabled'), looked('iptables-nft-save')],
    'nftables',
  ],
  [
    'nftables that was turned off',
    [parsed('Enabled'), parsed('Disabled'), looked('iptables-nft-save')],
    'iptables-nft',
  ],
  ['what Felix chose by kube-proxy', [looked('iptables-nft-save'), chose(true)], 'nftables'],
  ['what Felix chose without', [chose(false), looked('iptables-legacy-save')], 'iptables-legacy'],
  ['nothing where the start of the log is gone', ['felix/int_dataplane.go 2635: Received'], null],
  ['nothing of an empty log', [], null],
  ['nothing of another program that names no backend', [looked('iptables-save')], null],
])('%s', (_, log, backend) => expect(felixBackend(log)).toBe(backend));
