import { parseChainList, type ListedChain } from './chain-list.ts';

/** The devices of chains at ingress and egress, by `chainKey`. */
export type ChainDevices = ReadonlyMap<string, readonly string[]>;

export function chainKey(family: string | null, table: string | null, chain: string | null): string {
  return `${family} ${table} ${chain}`;
}

/** Reads `nft list chains`. Unlike nft's JSON up to 1.0.6, its text names the devices of a chain. */
export function parseChainDevices(text: string): ChainDevices {
  return chainDevices(parseChainList(text));
}

export function chainDevices(chains: readonly ListedChain[]): ChainDevices {
  return new Map(
    chains.flatMap(({ family, table, name, base }) =>
      base && base.devices.length > 0 ? [[chainKey(family, table, name), base.devices] as const] : [],
    ),
  );
}
