/** The JSON Schema of the configuration file, for editors and for checks before a roll-out. */
import { z } from 'zod';
import { secretFileKeys } from './config-secrets.ts';
import { clusterKeys } from './config-clusters.ts';
import { settings } from './config-settings.ts';

/** Returns the schema (draft 2020-12): every key, and for each secret the key that names its file. */
export function configSchema(): Readonly<Record<string, unknown>> {
  const { properties = {}, ...schema } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  return {
    ...schema,
    title: 'Configuration of calico-chatops',
    properties: {
      ...properties,
      CLUSTERS: {
        type: 'object',
        description: 'Several clusters, by name. What one does not set is taken from beside CLUSTERS',
        additionalProperties: {
          type: 'object',
          properties: {
            ...Object.fromEntries(clusterKeys.map((key) => [key, properties[key]])),
            CHANNELS: {
              type: ['array', 'string'],
              description: 'Ids of channels whose commands are about the cluster',
            },
          },
          additionalProperties: false,
        },
      },
      ...Object.fromEntries(
        secretFileKeys.map((key) => [
          key,
          { type: 'string', description: `Path of the file with ${key.slice(0, -5)}` },
        ]),
      ),
    },
    additionalProperties: false,
  };
}
