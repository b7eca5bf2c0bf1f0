/** Is a table of nft's family `arp` Felix's own? Source: felix/dataplane/linux/int_dataplane.go. */
export function isFelixArpTable(name: string): boolean {
  return name === 'calico-arp';
}
