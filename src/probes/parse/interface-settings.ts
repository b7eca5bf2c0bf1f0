import { LookError } from '../../model/look-error.ts';
import type { InterfaceSetting, InterfaceSettings } from '../../model/network.ts';

/** Names of interfaces hold no slash and no colon: the kernel refuses them. */
const kernelLine = /^\/proc\/sys\/net\/ipv4\/conf\/([^/]+)\/(forwarding|rp_filter|proxy_arp):(\d+)$/;
const kernelLine6 = /^\/proc\/sys\/net\/ipv6\/conf\/([^/]+)\/(forwarding|force_forwarding):(\d+)$/;
const savedLine = /^(\/[^:]+\.conf):(.+)$/;

/**
 * Parses what `grep -r` prints of /proc/sys/net/ipv4/conf and of sysctl files: `FILE:LINE` each.
 * @throws LookError not-parsed where the keys of `all`, which every kernel has, are not there
 */
export function parseInterfaceSettings(text: string): InterfaceSettings {
  const found = new Map<string, InterfaceSetting>();
  const saved: { readonly file: string; readonly line: string }[] = [];
  for (const line of text.split('\n')) {
    const [, name, key, value] = kernelLine.exec(line) ?? [];
    if (name !== undefined) {
      const before = found.get(name) ?? { name, forwarding: null, proxyArp: null, reversePath: null };
      found.set(name, { ...before, ...settingOf(key, Number(value)) });
      continue;
    }
    const [, file, kept] = savedLine.exec(line) ?? [];
    if (file !== undefined && kept !== undefined) saved.push({ file, line: kept.trim() });
  }
  if (!found.has('all'))
    throw new LookError(
      'not-parsed',
      `the settings of interfaces lack "all": ${text.slice(0, 120).trim() || '(empty)'}`,
    );
  return { interfaces: [...found.values()], saved };
}

/**
 * Parses the same of /proc/sys/net/ipv6/conf: `forwarding` of `all` lets packets in by every interface, and
 * `force_forwarding` by its own. `forwarding` of one interface does not (net/ipv6/ip6_output.c, ip6_forward).
 * @throws LookError not-parsed where the key of `all`, which every kernel has, is not there
 */
export function parseInterfaceSettings6(text: string): InterfaceSettings {
  const keys = text.split('\n').flatMap((line) => {
    const [, name, key, value] = kernelLine6.exec(line) ?? [];
    return name === undefined ? [] : [{ name, key, isOn: Number(value) !== 0 }];
  });
  const all = keys.find(({ name, key }) => name === 'all' && key === 'forwarding');
  if (!all) throw new LookError('not-parsed', `the settings of interfaces lack "all": ${text.slice(0, 120).trim()}`);
  const forced = new Set(keys.flatMap(({ name, key, isOn }) => (key === 'force_forwarding' && isOn ? [name] : [])));
  const interfaces = [...new Set(keys.map(({ name }) => name))].map((name) => ({
    name,
    forwarding: all.isOn || forced.has(name),
    proxyArp: null,
    reversePath: null,
  }));
  return { interfaces, saved: [] };
}

function settingOf(key: string | undefined, value: number): Partial<InterfaceSetting> {
  if (key === 'rp_filter') return { reversePath: value };
  return key === 'forwarding' ? { forwarding: value !== 0 } : { proxyArp: value !== 0 };
}
