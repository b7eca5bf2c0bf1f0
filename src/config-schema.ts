/** The JSON Schema of the configuration file, for editors and for checks before a roll-out. */
import { z } from 'zod';
import { secretFileKeys } from './config-secrets.ts';
import { settings } from './config-settings.ts';

/** Returns the schema (draft 2020-12): every key, and for each secret the key that names its file. */
export function configSchema(): Readonly<Record<string, unknown>> {
  const { properties, ...schema } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  return {
    ...schema,
    title: 'Configuration of calico-chatops',
    properties: {
      ...properties,
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
