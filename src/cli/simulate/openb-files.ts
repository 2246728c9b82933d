/**
 * The files of “openb” GPU clusters (Alibaba, cluster-trace-gpu-v2023): nodes and arrivals in, placements out. Cores come in
 * thousandths, memory in MiB, and a GPU in thousandths.
 */
import { writeFile } from 'node:fs/promises';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Arrival, ImaginedWorker, Placing } from '../../core/simulation/arrivals.ts';
import { reasonOf } from '../plan-text.ts';
import { readTable, type TableRow } from './table-file.ts';

const MIB = 2 ** 20;

/** `sn,cpu_milli,memory_mib,gpu,model`; further columns are left alone. */
export async function readNodes(path: string): Promise<Result<readonly ImaginedWorker[]>> {
  const rows = await readTable(path, ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model']);
  if (!rows.ok) return rows;
  if (rows.value.length === 0) return fail('invalid-argument', `${path}: expected at least one node, found none.`);
  const names = new Set<string>();
  const workers: ImaginedWorker[] = [];
  for (const row of rows.value) {
    const name = row.text('sn');
    if (name === '' || names.has(name))
      return fail('invalid-argument', `${row.where}: sn must name a node that no other row names, found “${name}”.`);
    names.add(name);
    const numbers = numbersOf(row, { cpu_milli: 1, memory_mib: 1, gpu: 0 });
    if (!numbers.ok) return numbers;
    const { cpu_milli, memory_mib, gpu } = numbers.value;
    const model = wholeModel(row.text('model'));
    const gpus = Array.from({ length: gpu }, (_, index) => ({ index, model, memoryBytes: null }));
    workers.push({ name, capacity: { cores: cpu_milli / 1_000, memoryBytes: memory_mib * MIB, gpus } });
  }
  return ok(workers);
}

/** `seq,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec`; `gpu_spec` names models that will do, `T4|A10`, or none. */
export async function readArrivals(path: string): Promise<Result<readonly Arrival[]>> {
  const rows = await readTable(path, ['seq', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli', 'gpu_spec']);
  if (!rows.ok) return rows;
  const arrivals: Arrival[] = [];
  for (const row of rows.value) {
    const numbers = numbersOf(row, { cpu_milli: 0, memory_mib: 0, num_gpu: 0, gpu_milli: 0 });
    if (!numbers.ok) return numbers;
    const { cpu_milli, memory_mib, num_gpu, gpu_milli } = numbers.value;
    const isFraction = num_gpu === 1 && gpu_milli > 0 && gpu_milli < 1_000;
    if (num_gpu > 0 && gpu_milli !== 1_000 && !isFraction)
      return fail(
        'invalid-argument',
        `${row.where}: gpu_milli must be 1000, or with one GPU from 1 to 1000, found “${gpu_milli}”.`,
      );
    const spec = row.text('gpu_spec');
    const gpuModel = spec === '' || num_gpu === 0 ? null : spec.split('|').map(wholeModel).join('|');
    const gpus = isFraction ? gpu_milli / 1_000 : num_gpu;
    const room = { cores: cpu_milli / 1_000, memoryBytes: memory_mib * MIB, gpus, gpuMemoryBytes: null, gpuModel };
    arrivals.push({ name: row.text('seq'), needs: { ...room, capabilities: [], labels: {} } });
  }
  return ok(arrivals);
}

/** `seq,node,gpus`, a row for each arrival in their order; no node: it waits. */
export async function writePlacements(
  path: string,
  arrivals: readonly Arrival[],
  placings: readonly Placing[],
): Promise<Result<null>> {
  const lines = arrivals.map(({ name }, at) => {
    const placing = placings[at] ?? null;
    return [name, placing?.worker ?? '', placing?.gpus.map(({ index }) => index).join('|') ?? ''].join(',');
  });
  try {
    await writeFile(path, `${['seq,node,gpus', ...lines].join('\n')}\n`);
    return ok(null);
  } catch (error) {
    return fail('invalid-argument', `${path} cannot be written: ${reasonOf(error)}.`);
  }
}

/** A model that is asked for is a part of a name; here it is all of it, and `A10` is no `A100`. */
function wholeModel(model: string): string {
  return `<${model.trim()}>`;
}

function numbersOf<Column extends string>(
  row: TableRow,
  least: Readonly<Record<Column, number>>,
): Result<Readonly<Record<Column, number>>> {
  const numbers: Partial<Record<Column, number>> = {};
  for (const column of Object.keys(least) as Column[]) {
    const number = row.number(column, least[column]);
    if (!number.ok) return number;
    numbers[column] = number.value;
  }
  return ok(numbers as Record<Column, number>);
}
