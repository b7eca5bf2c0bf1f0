/** What kube-proxy's rules of a node do with the address and port of a Service. */
export type Translation =
  /** No rules of kube-proxy's iptables and nftables modes. */
  | { readonly kind: 'no-proxy' }
  /** Its rules, and none of them for this address and port. `why`: what IPVS lacks for it, where it uses IPVS. */
  | { readonly kind: 'none'; readonly why?: string }
  /** A rule refuses or drops what goes to the Service. */
  | { readonly kind: 'refused'; readonly rule: string }
  /** `endpoints`: each as `ADDRESS:PORT`, of IPv6 with brackets around the address. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly string[]; readonly rule: string };
