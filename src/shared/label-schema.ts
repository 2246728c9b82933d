/** Changes of labels as a window or a command line sends them; the rules of keys and values are `core/fleet/labels`. */
import { z } from 'zod';
import { MOST_LABELS } from '../core/fleet/labels.ts';

/** As many as could be taken away and set at once. */
export const labelChanges = z
  .array(z.strictObject({ key: z.string().max(1_000), value: z.string().max(1_000).nullable() }))
  .max(2 * MOST_LABELS);
