/** How a node learns routes from others by BGP. */
export interface BgpState {
  readonly node: string;
  /** BIRD runs there, or something else listens for BGP. */
  readonly running: boolean;
  /**
   * `status`: BIRD's own list of its sessions. `sockets`: its connections alone, which tell neither the sessions that
   * have none now nor what BIRD says of them.
   */
  readonly known: 'status' | 'sockets';
  readonly sessions: readonly BgpSession[];
}

export interface BgpSession {
  /** Of the peer. */
  readonly address: string;
  readonly established: boolean;
  /**
   * `mesh`: every node has one with every other. `configured`: somebody made it, as those with route reflectors and
   * routers. Absent: not told.
   */
  readonly type?: 'mesh' | 'configured';
  /** What is said of its state: `Established`, `Connect`, `Active`, `Active Socket: Connection refused`, … */
  readonly info: string;
}
