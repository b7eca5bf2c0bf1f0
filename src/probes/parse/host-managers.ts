import type { ManagedInterface } from '../../model/host-managers.ts';

type Managed = Pick<ManagedInterface, 'interface' | 'state'>;

/** NetworkManager leaves these alone: what is not its own, and what others made and set up. */
const leftAlone: ReadonlySet<string> = new Set(['unmanaged', 'connected (externally)']);

/** Parses `nmcli -t -f DEVICE,STATE device` to the interfaces that NetworkManager manages. */
export function parseNmcliDevices(text: string): readonly Managed[] {
  return text.split('\n').flatMap((line) => {
    const at = line.lastIndexOf(':');
    const [name, state] = [line.slice(0, at).replaceAll('\\', ''), line.slice(at + 1).trim()];
    return at <= 0 || state === '' || leftAlone.has(state) ? [] : [{ interface: name, state }];
  });
}

/** States of a set-up that systemd-networkd carries out. Source: networkctl(1). */
const setUp: ReadonlySet<string> = new Set(['configuring', 'configured', 'failed', 'linger']);

/** Parses `networkctl list --no-legend` to the interfaces that systemd-networkd sets up. */
export function parseNetworkctl(text: string): readonly Managed[] {
  return text.split('\n').flatMap((line) => {
    const [, name, , , state] = line
      .trim()
      .replace(/^[●*] ?/, '')
      .split(/\s+/);
    return name === undefined || state === undefined || !setUp.has(state) ? [] : [{ interface: name, state }];
  });
}
