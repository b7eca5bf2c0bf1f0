/** What kube-proxy's rules of a node do with the address and port of a Service. */
export type Translation =
  /** No rules of kube-proxy's iptables and nftables modes. */
  | { readonly kind: 'no-proxy' }
  /** Its rules, and none of them for this address and port. */
  | { readonly kind: 'none' }
  /** A rule refuses or drops what goes to the Service. */
  | { readonly kind: 'refused'; readonly rule: string }
  /** `endpoints`: each as `ADDRESS:PORT`. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly string[]; readonly rule: string };
