import { describe, expect, test } from 'vitest';
import { type MachineFacts, machineFlags, readMachine } from '../../../scripts/runtime/machine.ts';

const desktop: MachineFacts = { isLinux: true, isRoot: false, canSandbox: true, hasGpu: true, hasDisplay: true };

describe('the flags a machine asks for', () => {
  test('none on a desktop with a GPU', () => {
    expect(machineFlags(desktop)).toEqual({ flags: [], notes: [] });
  });

  test('no sandbox for root on Linux, and a sentence that says so', () => {
    const { flags, notes } = machineFlags({ ...desktop, isRoot: true });
    expect(flags).toEqual(['--no-sandbox']);
    expect(notes.join()).toMatch(/root.*--no-sandbox/);
  });

  test('the sandbox stays for root elsewhere', () => {
    expect(machineFlags({ ...desktop, isLinux: false, isRoot: true }).flags).toEqual([]);
  });

  test('no sandbox where the kernel gives it nothing to stand on, and a sentence that says so', () => {
    const { flags, notes } = machineFlags({ ...desktop, canSandbox: false });
    expect(flags).toEqual(['--no-sandbox']);
    expect(notes.join()).toContain('--no-sandbox');
  });

  test('no GPU where there is none', () => {
    expect(machineFlags({ ...desktop, hasGpu: false }).flags).toEqual(['--disable-gpu']);
  });

  test('a display is what DISPLAY or WAYLAND_DISPLAY names', () => {
    const isLinux = process.platform === 'linux';
    expect(readMachine({}).hasDisplay).toBe(!isLinux);
    expect(readMachine({ DISPLAY: '' }).hasDisplay).toBe(!isLinux);
    expect(readMachine({ DISPLAY: ':1' }).hasDisplay).toBe(true);
    expect(readMachine({ WAYLAND_DISPLAY: 'wayland-0' }).hasDisplay).toBe(true);
  });
});
