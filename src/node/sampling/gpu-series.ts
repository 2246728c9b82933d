/** The series of one GPU. Its identity is its place on the PCI bus, which outlives reboots and reordered indices. */
import { seriesKey } from '../../core/metrics/series.ts';

export function gpuKeys(id: string, name: string) {
  const gpu = { 'hw.id': id, 'hw.name': name };
  const typed = { ...gpu, 'hw.type': 'gpu' };
  return {
    utilization: seriesKey('hw.gpu.utilization', gpu),
    encoder: seriesKey('hw.gpu.utilization', { ...gpu, 'hw.gpu.task': 'encoder' }),
    decoder: seriesKey('hw.gpu.utilization', { ...gpu, 'hw.gpu.task': 'decoder' }),
    memoryUsage: seriesKey('hw.gpu.memory.usage', gpu),
    memoryLimit: seriesKey('hw.gpu.memory.limit', gpu),
    memoryUtilization: seriesKey('hw.gpu.memory.utilization', gpu),
    temperature: seriesKey('hw.temperature', typed),
    power: seriesKey('hw.power', typed),
    graphicsClock: seriesKey('labwatch.gpu.clock', { ...gpu, 'labwatch.gpu.domain': 'graphics' }),
    memoryClock: seriesKey('labwatch.gpu.clock', { ...gpu, 'labwatch.gpu.domain': 'memory' }),
    pcieReceive: seriesKey('hw.gpu.io', { ...gpu, 'network.io.direction': 'receive' }),
    pcieTransmit: seriesKey('hw.gpu.io', { ...gpu, 'network.io.direction': 'transmit' }),
  };
}

export type GpuKeys = ReturnType<typeof gpuKeys>;
