import { type Network, run } from './network.ts';

/** A set that random rules ask, of a kind that membership is computed for. */
interface KernelSet {
  readonly name: string;
  readonly type: string;
  readonly dimensions: number;
  readonly elements: readonly string[];
}

const wanted: readonly KernelSet[] = [
  { name: 's-ip', type: 'hash:ip', dimensions: 1, elements: ['10.50.0.1', '10.50.0.3'] },
  { name: 's-mask', type: 'hash:ip netmask 30', dimensions: 1, elements: ['10.50.0.4'] },
  {
    name: 's-net',
    type: 'hash:net',
    dimensions: 1,
    elements: ['10.50.0.0/29', '10.50.0.2 nomatch', '10.96.0.0/13', '10.99.0.0/25 nomatch'],
  },
  {
    name: 's-ip-port',
    type: 'hash:ip,port',
    dimensions: 2,
    elements: ['10.50.0.1,tcp:80', '10.50.0.2,udp:53', '10.50.0.3,icmp:8/0', '10.50.0.4,4:0'],
  },
  {
    name: 's-net-port',
    type: 'hash:net,port',
    dimensions: 2,
    elements: ['10.50.0.0/24,tcp:8080', '10.50.0.4,tcp:8080 nomatch', '10.50.0.0/30,udp:53'],
  },
  {
    name: 's-net-net',
    type: 'hash:net,net',
    dimensions: 2,
    elements: ['10.50.0.0/30,10.96.0.0/13', '10.50.0.1,10.98.0.0/15 nomatch'],
  },
  {
    name: 's-ip-port-net',
    type: 'hash:ip,port,net',
    dimensions: 3,
    elements: ['10.50.0.1,tcp:80,10.99.0.0/16', '10.50.0.3,udp:53,10.97.0.0/16'],
  },
  {
    name: 's-net-iface',
    type: 'hash:net,iface',
    dimensions: 2,
    elements: ['10.50.0.0/30,cali0in', '10.50.0.4/30,tunl9'],
  },
  { name: 's-ip-mark', type: 'hash:ip,mark', dimensions: 2, elements: ['10.50.0.1,0x1', '10.50.0.2,0x10000'] },
  { name: 's-port', type: 'bitmap:port range 0-65535', dimensions: 1, elements: ['53', '8000-8100'] },
  { name: 's-list', type: 'list:set', dimensions: 1, elements: ['s-ip', 's-net'] },
];

/**
 * Makes the sets in the node; a kernel without a module for a type goes without that set. @returns each set's
 * dimensions by its name
 */
export function makeSets(network: Network): Readonly<Record<string, number>> {
  const made = wanted.filter(({ name, type, elements }) => {
    try {
      run(
        network.node,
        'ipset',
        ['restore'],
        [`create ${name} ${type}`, ...elements.map((element) => `add ${name} ${element}`), ''].join('\n'),
      );
      return true;
    } catch (error) {
      if (String(error).includes('set type not supported')) return false;
      throw error;
    }
  });
  return Object.fromEntries(made.map(({ name, dimensions }) => [name, dimensions]));
}
