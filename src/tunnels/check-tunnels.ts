import type { Tunnel } from './contract.ts';

/**
 * Returns the tunnels as they are, when they can be told from each other.
 * @throws Error that names every offender: a kind or device that two have, one without a device that is not the last,
 *   and one with a device that adds no bytes
 */
export function checkTunnels(tunnels: readonly Tunnel[]): readonly Tunnel[] {
  const wrong = tunnels.flatMap(({ kind, device, headerBytes }, at) => {
    const before = tunnels.slice(0, at);
    return [
      ...(before.some((other) => other.kind === kind) ? [`${kind} is there twice`] : []),
      ...(device !== null && before.some((other) => other.device?.name === device.name)
        ? [`${kind} has the device ${device.name} of another`]
        : []),
      // It reads every packet.
      ...(device === null && at !== tunnels.length - 1 ? [`${kind} has no device and is not the last`] : []),
      ...((device === null) === (headerBytes === 0) ? [] : [`${kind} adds ${headerBytes} bytes`]),
    ];
  });
  if (wrong.length > 0) throw new Error(`the tunnels do not hold together: ${wrong.join('; ')}`);
  return tunnels;
}
