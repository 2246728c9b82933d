/** The addresses at which this machine can be reached, as a person chooses among them. Pure. */
import { isLoopback, type ListenerView } from '../../core/fleet/listener.ts';

export interface ReachOption {
  readonly address: string;
  readonly title: string;
  /** Who gets in by it. */
  readonly note: string;
}

const LOOPBACK = '127.0.0.1';
const ALL = '0.0.0.0';

/** Loopback first, then each interface, then all of them; an address that is set and gone stays in the list and says so. */
export function reachOptions(listener: Pick<ListenerView, 'address' | 'interfaces'>): readonly ReachOption[] {
  const { address, interfaces } = listener;
  const options: ReachOption[] = [
    {
      address: isLoopback(address) ? address : LOOPBACK,
      title: 'Only this machine',
      note: 'No other machine can join.',
    },
    ...interfaces.map((one) => ({
      address: one.address,
      title: one.name,
      note: 'Machines in this network can join, with a code.',
    })),
    { address: ALL, title: 'All interfaces', note: 'Every network this machine is in, now and later.' },
  ];
  if (options.some((option) => option.address === address)) return options;
  const gone = { address, title: 'Not here now', note: 'This machine does not have this address at the moment.' };
  return [...options.slice(0, -1), gone, ...options.slice(-1)];
}
