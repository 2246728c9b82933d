/** What the window remembers: view, range, density, pins, open worker. Kept by the app, written half a second after a change. */
import { type WorkerId, workerId } from '../../core/fleet/worker.ts';
import type { UiState as StoredUiState } from '../../shared/ipc/contract.ts';
import { call } from '../api.ts';
import { createStore } from './store.ts';
import { type RangeId, TIME_RANGES } from './time-range.ts';

export type Density = 'comfortable' | 'compact';
export type ProcessSortKey = 'cpuCores' | 'memoryBytes' | 'name' | 'pid' | 'gpuMemoryBytes' | 'readBytesPerSecond';

export interface ProcessSort {
  readonly key: ProcessSortKey;
  readonly isDescending: boolean;
}

export interface UiState {
  /** Id of an entry of `VIEWS`; an unknown one shows the first. */
  readonly view: string;
  readonly range: RangeId;
  readonly density: Density;
  readonly pins: readonly WorkerId[];
  /** `undefined`: never chosen, so the only worker opens by itself. `null`: closed by the person. */
  readonly openWorkerId: WorkerId | null | undefined;
  readonly isDetailWide: boolean;
  readonly isTaskWide: boolean;
  /** Chart groups whose fold differs from what they start with. */
  readonly turnedGroups: readonly string[];
  readonly processSort: ProcessSort;
  /** Types of tasks in the order they were first seen, which gives each its colour. */
  readonly typeColours: readonly string[];
}

const DEFAULTS: UiState = {
  view: 'fleet',
  range: '15m',
  density: 'comfortable',
  pins: [],
  openWorkerId: undefined,
  isDetailWide: false,
  isTaskWide: false,
  turnedGroups: [],
  processSort: { key: 'cpuCores', isDescending: true },
  typeColours: [],
};

const SAVE_DELAY_MS = 500;

export const ui = createStore<UiState>(DEFAULTS);

/** Fields that this window does not know (the main process keeps size and place here) are written back as they were. */
let stored: StoredUiState = {};
let saving: ReturnType<typeof setTimeout> | undefined;

/** Reads what was remembered; a failure leaves the defaults, which is all a person would notice. */
export async function loadUi(): Promise<void> {
  const answer = await call('ui-state:get');
  if (!answer.ok) return;
  stored = answer.value;
  ui.set(uiFrom(stored));
}

export function changeUi(change: Partial<UiState>): void {
  ui.set({ ...ui.get(), ...change });
  clearTimeout(saving);
  saving = setTimeout(() => void saveUi(), SAVE_DELAY_MS);
}

export function togglePin(id: WorkerId): void {
  const { pins } = ui.get();
  changeUi({ pins: pins.includes(id) ? pins.filter((pin) => pin !== id) : [...pins, id] });
}

async function saveUi(): Promise<void> {
  const { openWorkerId, ...rest } = ui.get();
  stored = { ...stored, ...rest, ...(openWorkerId === undefined ? {} : { openWorkerId }) };
  await call('ui-state:set', stored);
}

/** Takes each field that is valid; what is missing or of another shape takes its default. */
export function uiFrom(state: StoredUiState): UiState {
  const { view, range, density, pins, openWorkerId, isDetailWide, isTaskWide, turnedGroups, processSort, typeColours } =
    state;
  return {
    view: typeof view === 'string' ? view : DEFAULTS.view,
    range: TIME_RANGES.find(({ id }) => id === range)?.id ?? DEFAULTS.range,
    density: density === 'compact' || density === 'comfortable' ? density : DEFAULTS.density,
    pins: textsOf(pins).map(workerId),
    openWorkerId:
      typeof openWorkerId === 'string' ? workerId(openWorkerId) : openWorkerId === null ? null : DEFAULTS.openWorkerId,
    isDetailWide: isDetailWide === true,
    isTaskWide: isTaskWide === true,
    turnedGroups: textsOf(turnedGroups),
    processSort: isProcessSort(processSort) ? processSort : DEFAULTS.processSort,
    typeColours: textsOf(typeColours),
  };
}

const SORT_KEYS: readonly ProcessSortKey[] = [
  'cpuCores',
  'memoryBytes',
  'name',
  'pid',
  'gpuMemoryBytes',
  'readBytesPerSecond',
];

function isProcessSort(value: unknown): value is ProcessSort {
  if (typeof value !== 'object' || value === null) return false;
  const { key, isDescending } = value as Partial<ProcessSort>;
  return SORT_KEYS.includes(key as ProcessSortKey) && typeof isDescending === 'boolean';
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
