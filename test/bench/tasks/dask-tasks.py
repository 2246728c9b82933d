"""The same work on Dask: two worker processes with two threads each. Arguments: how many tasks. Prints two lines of JSON."""
import json
import subprocess
import sys
import time

from dask.distributed import Client, LocalCluster


def true(_):
    return subprocess.run(["/bin/true"]).returncode


if __name__ == "__main__":
    count = int(sys.argv[1])
    with LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.gather(client.map(true, range(-40, 0), pure=False))
            started = time.perf_counter()
            client.gather(client.map(true, range(count), pure=False))
            print(json.dumps({"tasksPerSecond": count / (time.perf_counter() - started)}), flush=True)
            times = []
            for number in range(100):
                before = time.perf_counter()
                client.submit(lambda: None, pure=False).result()
                times.append((time.perf_counter() - before) * 1000)
            times.sort()
            print(json.dumps({"p50Ms": times[50], "p99Ms": times[98]}), flush=True)
