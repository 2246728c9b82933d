/** The two databases' schemas: every migration in order. */
import { workersAndSettings } from './fleet/010-workers-and-settings.ts';
import { inventoryAndEvents } from './fleet/020-inventory-and-events.ts';
import { remoteWorkers } from './fleet/030-remote-workers.ts';
import { labelsAndPrices } from './fleet/040-labels-and-prices.ts';
import { tasks } from './fleet/050-tasks.ts';
import { dialledWorkers } from './fleet/060-dialled-workers.ts';
import { placementExplanations } from './fleet/070-placement-explanations.ts';
import { attemptsInRange } from './fleet/080-attempts-in-range.ts';
import { samples } from './metrics/010-samples.ts';
import { rollups } from './metrics/020-rollups.ts';
import { processes } from './metrics/030-processes.ts';
import type { Schema } from './migration.ts';

/** `LWM1` and `LWF1` in ASCII. */
export const METRICS_SCHEMA: Schema = { applicationId: 0x4c574d31, migrations: [samples, rollups, processes] };
export const FLEET_SCHEMA: Schema = {
  applicationId: 0x4c574631,
  migrations: [
    workersAndSettings,
    inventoryAndEvents,
    remoteWorkers,
    labelsAndPrices,
    tasks,
    dialledWorkers,
    placementExplanations,
    attemptsInRange,
  ],
};
