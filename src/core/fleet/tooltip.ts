/** The fleet in a line or two, for the tray. */
import type { WorkerView } from './worker.ts';

/** One worker: "Labwatch: bench-desk · CPU 18 % · Mem 42 %". Several: how many are online, and which are not. */
export function fleetTooltip(workers: readonly WorkerView[]): string {
  const [only] = workers;
  if (only === undefined) return 'Labwatch: no workers';
  if (workers.length > 1) {
    const silent = workers.filter((worker) => worker.link !== 'online');
    const counts = `Labwatch: ${workers.length - silent.length} of ${workers.length} online`;
    return silent.length === 0 ? counts : `${counts}\n${silent.slice(0, 5).map(stateLine).join('\n')}`;
  }
  if (only.link !== 'online') return `Labwatch: ${stateLine(only)}`;
  const { cpuUtilization, memoryUtilization, temperatureCelsius } = only.figures;
  const parts = [
    cpuUtilization === null ? null : `CPU ${Math.round(cpuUtilization * 100)} %`,
    memoryUtilization === null ? null : `Mem ${Math.round(memoryUtilization * 100)} %`,
    temperatureCelsius === null ? null : `${Math.round(temperatureCelsius)} °C`,
  ];
  return [`Labwatch: ${only.name}`, ...parts.filter((part) => part !== null)].join(' · ');
}

function stateLine(worker: WorkerView): string {
  return `${worker.name} ${worker.link}`;
}
