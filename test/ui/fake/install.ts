/** Runs in the page before the window's own code: puts the fake lab where preload puts the real bridge. */
import type { LabwatchBridge } from '../../../src/shared/ipc/contract.ts';
import { createFakeLab, type FakeLab } from './lab.ts';
import { SCENARIO, type Scenario } from './scenario.ts';

declare global {
  interface Window {
    fakeLab: FakeLab;
  }
}

const asked = location.hash === '' ? {} : JSON.parse(decodeURIComponent(location.hash.slice(1)));
const scenario: Scenario = { ...SCENARIO, ...asked };
const lab = createFakeLab(scenario, () => Date.now());
window.fakeLab = lab;
if (scenario.isConnected) (window as { labwatch: LabwatchBridge }).labwatch = lab.bridge;
if (scenario.isLive) setInterval(() => lab.step('due'), 1_000);
