/** Other monitors of one machine, where they are installed: each started as its users start it, at one second. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Peer = {
  readonly name: string;
  /** Starts it with everything it writes inside the folder; returns its process and how to end what goes with it. */
  start(folder: string): { readonly child: ChildProcess; stop(): void };
};

const quiet = { stdio: 'ignore' } as const;

function installed(program: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, program)));
}

const netdata: Peer = {
  name: 'Netdata',
  start(folder) {
    const places = ['cache', 'lib', 'log', 'config'].map((name) => join(folder, name));
    for (const place of places) mkdirSync(place, { recursive: true });
    const [cache, lib, log, config] = places;
    const file = join(folder, 'netdata.conf');
    writeFileSync(
      file,
      `[global]\nrun as user = root\n[directories]\ncache = ${cache}\nlib = ${lib}\nlog = ${log}\nconfig = ${config}\n` +
        '[db]\nupdate every = 1\n[web]\nbind to = 127.0.0.1:29999\n[statsd]\nenabled = no\n',
    );
    const child = spawn('netdata', ['-D', '-c', file], quiet);
    return { child, stop: () => child.kill() };
  },
};

const glances: Peer = {
  name: 'Glances',
  start() {
    const child = spawn(
      'glances',
      ['--time', '1', '--stdout', 'cpu.user,mem.used,load', '--disable-check-update'],
      quiet,
    );
    return { child, stop: () => child.kill() };
  },
};

const nodeExporter: Peer = {
  name: 'node_exporter, scraped',
  start() {
    const address = '127.0.0.1:29100';
    const child = spawn('prometheus-node-exporter', [`--web.listen-address=${address}`], quiet);
    const scrape = async () => {
      const answer = await fetch(`http://${address}/metrics`);
      await answer.arrayBuffer();
    };
    // Not yet listening, or no longer: nothing to scrape.
    const scraping = setInterval(() => void scrape().catch(() => undefined), 1000);
    return {
      child,
      stop() {
        clearInterval(scraping);
        child.kill();
      },
    };
  },
};

const programs: readonly (readonly [program: string, peer: Peer])[] = [
  ['netdata', netdata],
  ['glances', glances],
  ['prometheus-node-exporter', nodeExporter],
];

/** The peers that are installed here. */
export function installedPeers(): readonly Peer[] {
  return programs.filter(([program]) => installed(program)).map(([, peer]) => peer);
}
