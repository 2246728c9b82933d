/** The bridge: gives the window exactly the calls and pushes of the contract, and nothing of Electron or Node. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CALLS, type LabwatchBridge, PUSHES } from '../shared/ipc/contract.ts';

const bridge: LabwatchBridge = {
  call(name, ...args) {
    if (!CALLS.includes(name)) throw new Error(`No call is named ${String(name)}.`);
    return ipcRenderer.invoke(name, ...args);
  },
  on(name, listener) {
    if (!PUSHES.includes(name)) throw new Error(`No push is named ${String(name)}.`);
    const receive = (_event: unknown, payload: unknown) => listener(payload as Parameters<typeof listener>[0]);
    ipcRenderer.on(name, receive);
    return () => ipcRenderer.removeListener(name, receive);
  },
  pathOf(file) {
    const path = webUtils.getPathForFile(file);
    return path === '' ? null : path;
  },
};

contextBridge.exposeInMainWorld('labwatch', bridge);
