/** The published form of the schema, which editors complete and check plans with. */
import { z } from 'zod';
import { planSchema } from './schema.ts';

/** The text of `resources/plan.schema.json`: JSON Schema, draft 7, which editors know best. */
export function planJsonSchema(): string {
  const schema = z.toJSONSchema(planSchema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ title: 'Labwatch plan', ...schema }, null, 2)}\n`;
}
