/** A lab whose worker is on a second host: the listener at our end of the cable, the agent at the other. */
import type { WorkerId } from '../../src/core/fleet/worker.ts';
import type { RunView } from '../../src/core/tasks/view.ts';
import { type SecondHost, secondHost } from '../support/second-host.ts';
import { AGENT_FILE, isLive, workerWhen } from './lab.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

export interface CabledLab {
  readonly lab: TaskLab;
  readonly host: SecondHost;
  readonly workerId: WorkerId;
  /** A run of shell commands that go to that host alone, side by side. */
  submitThere(commands: readonly string[]): Promise<RunView>;
}

export async function openCabledLab(): Promise<CabledLab> {
  const host = secondHost();
  const lab = await openTaskLab();
  await lab.call('settings.set', { key: 'listener.address', value: host.ourAddress });
  const words = ['join', await lab.invite(), '--name', 'far', '--run-tasks', '--home', lab.home('far')];
  lab.run(host.run([process.execPath, AGENT_FILE, ...words]));
  const { workerId } = await workerWhen(lab, (one) => isLive(one) && one.capabilities.length > 0);
  await lab.call('workers.label', { worker: 'far', changes: [{ key: 'rack', value: 'far' }] });
  return {
    lab,
    host,
    workerId,
    submitThere: (commands) =>
      lab.submit({
        name: 'far',
        tasks: commands.map((command, index) => ({
          name: `far-${index + 1}`,
          command,
          shell: true,
          needs: { labels: { rack: 'far' }, cores: 0.1 },
        })),
      }),
  };
}
