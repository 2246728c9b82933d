/** From the fields of a plan, checked, to the task as everything else knows it. */
import { parseByteSize } from '../../core/byte-size.ts';
import { changeLabels, type Labels } from '../../core/fleet/labels.ts';
import type { RunSpec, TaskNeeds, TaskSpec } from '../../core/tasks/task.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { PlanFile, PlannedTask } from './schema.ts';

export function runSpecOf({ name, maxParallel, onFailure, tasks }: PlanFile): RunSpec {
  return { name, maxParallel: maxParallel ?? null, onFailure, tasks: tasks.map(taskSpecOf) };
}

function taskSpecOf(task: PlannedTask): TaskSpec {
  return {
    name: task.name,
    command: [task.command].flat(),
    isShell: task.shell,
    cwd: task.cwd ?? null,
    env: task.env,
    stdin: task.stdin ?? null,
    bring: task.bring,
    fetch: task.fetch,
    fileLimitBytes: bytesFrom(task.fileLimitBytes),
    needs: needsOf(task.needs),
    type: task.type ?? null,
    priority: task.priority,
    timeoutMs: task.timeoutSeconds === undefined ? null : Math.round(task.timeoutSeconds * SECOND_MS),
    retries: task.retries,
    after: [...new Set(task.after)],
    affinityKey: task.affinityKey ?? null,
    group: task.group ?? null,
    groupLimit: task.groupLimit ?? null,
    isPreemptible: task.preemptible,
    isRerunIfLost: task.rerunIfLost,
  };
}

function needsOf({ memoryBytes, gpuMemoryBytes, gpuModel, labels, ...needs }: PlannedTask['needs']): TaskNeeds {
  return {
    ...needs,
    memoryBytes: memoryBytes === undefined ? null : bytesFrom(memoryBytes),
    gpuMemoryBytes: gpuMemoryBytes === undefined ? null : bytesFrom(gpuMemoryBytes),
    gpuModel: gpuModel ?? null,
    labels: labelsOf(labels),
  };
}

function bytesFrom(size: number | string): number {
  const bytes = typeof size === 'number' ? size : parseByteSize(size);
  if (bytes === null) throw new Error(`The schema let a size pass that is none: ${size}`);
  return Math.round(bytes);
}

/** Written as the labels of workers are, so that they can be equal. */
function labelsOf(labels: Readonly<Record<string, string>>): Labels {
  const changed = changeLabels(
    {},
    Object.entries(labels).map(([key, value]) => ({ key, value })),
  );
  if (!changed.ok) throw new Error(`The schema let labels pass that are none: ${changed.error.message}`);
  return changed.value;
}
