import { describe } from '@jest/globals';
import type { Dataplane } from './topology.ts';

/** The lab needs root on Linux; elsewhere its suites are reported as skipped, by name. */
export const describeLab = process.platform === 'linux' && process.getuid?.() === 0 ? describe : describe.skip;

/** Labs of some dataplanes, with the stand-ins; with real Calico, too, if LAB_CALICO_BIN says where it is. */
const labsOn = <One extends Dataplane>(...wanted: readonly One[]) => [
  ...wanted.map((dataplane) => ({ dataplane, calico: 'stand-ins', flags: ['--dataplane', dataplane] })),
  ...(process.env['LAB_CALICO_BIN'] === undefined
    ? []
    : wanted.map((dataplane) => ({ dataplane, calico: 'real', flags: ['--dataplane', dataplane, '--real'] }))),
];

/** The labs that a suite about Calico runs on: both backends of iptables. */
export const calicoLabs = labsOn('legacy', 'nft');
export const nftablesLabs = labsOn('nftables');

export { labCommand, labProgram, mustSucceed, ownLab } from './lab-command.ts';
