import type { CommandTemplate } from '../../model/command.ts';

/** With an unreachable datastore calicoctl is silent for more than 30 s: so long nobody waits at night. */
const timeoutSeconds = 6;
const maxBytes = 4_000_000;
/** Reads only: a client of another version may read (and never write). */
const reading = ['-o', 'yaml', '--allow-version-mismatch'];

export const getWorkloadEndpoint: CommandTemplate = { argv: ['calicoctl', 'get', 'workloadendpoint', '{name:name}', '-n', '{namespace:name}', ...reading], timeoutSeconds, maxBytes };
export const getProfile: CommandTemplate = { argv: ['calicoctl', 'get', 'profile', '{name:name}', ...reading], timeoutSeconds, maxBytes };
export const getPools: CommandTemplate = { argv: ['calicoctl', 'get', 'ippool', ...reading], timeoutSeconds, maxBytes };
export const getClusterInformation: CommandTemplate = { argv: ['calicoctl', 'get', 'clusterinformation', 'default', ...reading], timeoutSeconds, maxBytes };
export const getPolicies: CommandTemplate = { argv: ['calicoctl', 'get', 'networkpolicy', '-n', '{namespace:name}', ...reading], timeoutSeconds, maxBytes };
export const getGlobalPolicies: CommandTemplate = { argv: ['calicoctl', 'get', 'globalnetworkpolicy', ...reading], timeoutSeconds, maxBytes };
export const getTiers: CommandTemplate = { argv: ['calicoctl', 'get', 'tier', ...reading], timeoutSeconds, maxBytes };
export const getNetworkSets: CommandTemplate = { argv: ['calicoctl', 'get', 'networkset', '-n', '{namespace:name}', ...reading], timeoutSeconds, maxBytes };
export const getGlobalNetworkSets: CommandTemplate = { argv: ['calicoctl', 'get', 'globalnetworkset', ...reading], timeoutSeconds, maxBytes };
/** Names alone, a line each: whether other namespaces have any. */
export const getNetworkSetNames: CommandTemplate = { argv: ['calicoctl', 'get', 'networkset', '-A', '--allow-version-mismatch'], timeoutSeconds, maxBytes: 200_000 };
export const getVersion: CommandTemplate = { argv: ['calicoctl', 'version'], timeoutSeconds, maxBytes };
/** Only the line that says which datastore; the file may name keys, never hold them. */
export const getDatastoreType: CommandTemplate = { argv: ['grep', '-hiE', '^ *datastoreType:', '/etc/calico/calicoctl.cfg'], timeoutSeconds: 2, maxBytes: 10_000 };
