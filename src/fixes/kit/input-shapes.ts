/** Parts from which inputs of fixes are built: see the types of model/fix-inputs.ts. */
import { z } from 'zod';

const name = z.string().min(1);

/** `OneNode` */
export const nodeShape = { node: name, nodeAddress: name } as const;

/** `NodeInterface` */
export const interfaceShape = { ...nodeShape, interface: name } as const;

/** `PodInterface` */
export const podInterfaceShape = {
  ...interfaceShape,
  address: name,
  namespace: name,
  pod: name,
  datastore: z.enum(['kubernetes', 'etcdv3']),
} as const;
