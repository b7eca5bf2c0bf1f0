import type { InterfaceSettings } from './network.ts';

/** A key of interfaces that a sysctl file sets (sysctl.d(5)). */
export interface SavedSetting {
  readonly file: string;
  /** An interface, `all`, `default`, or a pattern with `*`; ip_forward is forwarding of `all`. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Returns the settings among the lines of sysctl files. The first separator of a key says which one it uses: after a
 * dot a slash stands for a dot in the interface's name, after a slash names stand as they are.
 */
export function savedSettings({ saved }: InterfaceSettings): readonly SavedSetting[] {
  return saved.flatMap(({ file, line }) => {
    const [left = '', value = ''] = line.replace(/^-/, '').split('=', 2);
    const path = left.trim();
    const words = path.startsWith('net.') ? swapped(path) : path;
    if (words === 'net/ipv4/ip_forward') return [{ file, name: 'all', key: 'forwarding', value: value.trim() }];
    const [, name, key] = /^net\/ipv4\/conf\/([^/]+)\/([a-z_]+)$/.exec(words) ?? [];
    return name !== undefined && key !== undefined ? [{ file, name, key, value: value.trim() }] : [];
  });
}

function swapped(path: string): string {
  return path.replaceAll(/[./]/g, (one) => (one === '.' ? '/' : '.'));
}

/**
 * The file that sets the key of this interface to one of the values; null: none does. `all` counts only where it sets
 * every interface.
 */
export function savedIn(
  settings: InterfaceSettings,
  {
    interface: name,
    key,
    values,
    all,
  }: {
    readonly interface: string;
    readonly key: string;
    readonly values: readonly string[];
    /** Writing the key of `all` reaches this interface, too. */
    readonly all: boolean;
  },
): string | null {
  const found = savedSettings(settings).findLast(
    (one) =>
      one.key === key &&
      values.includes(one.value) &&
      (one.name === name || (all && one.name === 'all') || isLike(one.name, name)),
  );
  return found?.file ?? null;
}

/** `*` stands for any name. */
function isLike(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return false;
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.at(-1) ?? '';
  return rest.length === 1 && name.startsWith(start) && name.slice(start.length).endsWith(end);
}
