import type { Datastore } from '../model/control-plane.ts';

/** FelixConfiguration `default`, as far as the eBPF dataplane is concerned. */
export interface BpfSettings {
  readonly bpfEnabled?: boolean;
  readonly bpfKubeProxyIptablesCleanupEnabled?: boolean;
}

/** Returns what the settings say; nothing of what they do not say, or say in another way. */
export function bpfOf(spec: BpfSettings | undefined): Pick<Datastore, 'bpfEnabled' | 'keepsKubeProxyRules'> {
  const { bpfEnabled, bpfKubeProxyIptablesCleanupEnabled: cleans } = spec ?? {};
  return {
    ...(typeof bpfEnabled === 'boolean' ? { bpfEnabled } : {}),
    ...(spec === undefined ? {} : { keepsKubeProxyRules: cleans === false }),
  };
}
