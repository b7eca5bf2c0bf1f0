import { describe } from '@jest/globals';
import { dataplanes } from './topology.ts';

/** The lab needs root on Linux; elsewhere its suites are reported as skipped, by name. */
export const describeLab = process.platform === 'linux' && process.getuid?.() === 0 ? describe : describe.skip;

/**
 * The labs that a suite about Calico runs on: each dataplane with the stand-ins, and with real Calico
 * beside them when LAB_CALICO_BIN says where that is.
 */
export const calicoLabs = [
  ...dataplanes.map((dataplane) => ({ dataplane, calico: 'stand-ins', flags: ['--dataplane', dataplane] })),
  ...(process.env['LAB_CALICO_BIN'] === undefined
    ? []
    : dataplanes.map((dataplane) => ({ dataplane, calico: 'real', flags: ['--dataplane', dataplane, '--real'] }))),
];

export { labCommand, labProgram, mustSucceed, ownLab } from './lab-command.ts';
