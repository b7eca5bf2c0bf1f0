import { defineCommand } from '../model/command.ts';

/** The line that says which datastore, alone: the file may name keys, never hold them. */
export const grepDatastoreType = defineCommand({
  id: 'grep-datastore-type',
  argv: ['grep', '-hiE', '^ *datastoreType:', '/etc/calico/calicoctl.cfg'],
  timeoutSeconds: 2,
  maxBytes: 10_000,
});
