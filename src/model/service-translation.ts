/** What kube-proxy's rules of a node, or what is in its place, do with the address and port of a Service. */
export type Translation =
  /** No rules of kube-proxy's iptables and nftables modes. */
  | { readonly kind: 'no-proxy' }
  /** Its rules, and none of them for this address and port. `why`: what IPVS, or eBPF programs, lack for it. */
  | { readonly kind: 'none'; readonly why?: string }
  /** A rule refuses or drops what goes to the Service. */
  | { readonly kind: 'refused'; readonly rule: string }
  /** `endpoints`: each as `ADDRESS:PORT`, of IPv6 with brackets around the address. */
  | {
      readonly kind: 'endpoints';
      readonly endpoints: readonly string[];
      readonly rule: string;
      /** Calico's eBPF programs do it. Not given: kube-proxy does. */
      readonly byPrograms?: true;
    };
