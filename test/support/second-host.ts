/** A second host at the end of a cable: a network namespace of its own, joined to ours by a pair of virtual cards. */
import { execFileSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { requireProgram } from './required-program.ts';

export interface SecondHost {
  /** The card on our side. */
  readonly card: string;
  readonly ourAddress: string;
  readonly address: string;
  /** What to run so that `command` runs over there. */
  run(command: readonly string[]): readonly string[];
  /** Takes the cable out, or puts it back. */
  plug(isIn: boolean): void;
  /** Loses this share of all packets, both ways, by chance. */
  lose(percent: number): void;
  /** Lets through this much from there, after a burst of one packet; null: all. */
  limit(bitsPerSecond: number | null): void;
}

const IP = '/usr/sbin/ip';
const TC = '/usr/sbin/tc';
const NFT = '/usr/sbin/nft';

/** Of this process so far: the kernel takes its time to remove one. */
let count = 0;

/** Takes root on Linux. Gone when the test is. */
export function secondHost(): SecondHost {
  requireProgram(IP, 'iproute2');
  const name = `${process.pid}-${count}`;
  const [card, far, space] = [`lw${name}a`, `lw${name}b`, `labwatch-${name}`];
  // Four addresses each.
  const [ourAddress, address] = [1, 2].map((one) => `10.213.${process.pid % 250}.${4 * (count % 60) + one}`) as [
    string,
    string,
  ];
  count += 1;
  const call = (program: string, ...words: string[]) => execFileSync(program, words, { stdio: 'pipe' });
  const run = (command: readonly string[]) => [IP, 'netns', 'exec', space, ...command];
  const callThere = (program: string, ...words: string[]) => call(IP, ...run([program, ...words]).slice(1));

  call(IP, 'netns', 'add', space);
  onTestFinished(() => void call(IP, 'netns', 'delete', space));
  call(IP, 'link', 'add', card, 'type', 'veth', 'peer', 'name', far, 'netns', space);
  call(IP, 'address', 'add', `${ourAddress}/30`, 'dev', card);
  call(IP, 'link', 'set', card, 'up');
  call(IP, '-n', space, 'address', 'add', `${address}/30`, 'dev', far);
  call(IP, '-n', space, 'link', 'set', far, 'up');
  call(IP, '-n', space, 'link', 'set', 'lo', 'up');

  return {
    card,
    ourAddress,
    address,
    run,
    plug: (isIn) => void call(IP, 'link', 'set', card, isIn ? 'up' : 'down'),
    lose(percent) {
      requireProgram(NFT, 'nftables');
      const drop = `numgen random mod 100 < ${percent} drop`;
      const chain = (hook: string) => `chain ${hook} { type filter hook ${hook} priority 0; ${drop}; }`;
      callThere(NFT, `table inet lossy { ${chain('input')}; ${chain('output')}; }`);
    },
    limit(bitsPerSecond) {
      requireProgram(TC, 'iproute2');
      if (bitsPerSecond === null) callThere(TC, 'qdisc', 'delete', 'dev', far, 'root');
      else {
        const shape = ['rate', `${bitsPerSecond}bit`, 'burst', '1600', 'latency', '2s'];
        callThere(TC, 'qdisc', 'replace', 'dev', far, 'root', 'tbf', ...shape);
      }
    },
  };
}
