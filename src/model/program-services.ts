/** A Service, as the eBPF programs of a node hold it: an address, and where its packets go. */
export interface ProgramService {
  readonly address: string;
  readonly port: number;
  /** Number of the IP protocol. */
  readonly protocol: number;
  /** Those that get packets, each as `ADDRESS:PORT`. Empty: none, or the programs drop what is sent to it. */
  readonly backends: readonly string[];
  /** The programs leave it to others. */
  readonly isExcluded: boolean;
  /** The dump's own line. */
  readonly text: string;
}
