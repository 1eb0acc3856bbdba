"""Servers under measurement: started on free ports, asked for their metrics, ended with the run."""
import json
import math
import pathlib
import re
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
BENCH = BUILD / "tools/bench/makegood-bench"
PATIENCE = 60
TICKS_PER_SECOND = 100


def start(command, **streams):
    """In a session of its own, so that a Ctrl-C reaches us first; it ends with us even if we are killed."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", *map(str, command)],
        stdin=subprocess.DEVNULL, start_new_session=True, **streams)


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def bench(*arguments):
    """What makegood-bench measured; an error if any answer was wrong."""
    process = start([BENCH, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        output, _ = process.communicate(timeout=900)
    finally:
        end(process)
    if process.returncode != 0:
        raise RuntimeError(f"makegood-bench {' '.join(map(str, arguments))} failed")
    result = json.loads(output)
    if result.get("failed"):
        raise RuntimeError(f"makegood-bench {' '.join(map(str, arguments))}: {result['failed']} answers "
                           f"were wrong, the first: {result['failure']}")
    return result


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


class Echo:
    """The bare server."""

    def __init__(self):
        self.process = start([BUILD / "tools/bench/makegood-bench-echo"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def end(self):
        end(self.process)
        self.process.stdout.close()


class Server:
    """One of our servers: "claims", …, or "standalone". Its data is `data`/<service>."""

    def __init__(self, name, data, peers=None, port=0):
        self.name = name
        self.ports = data / f"{name}.ports"
        self.log = data / f"{name}.log"
        self.ports.unlink(missing_ok=True)
        self.process = start(self.command(name, data, peers, port) + [f"--port_file={self.ports}"],
                             stderr=self.log.open("a"))
        deadline = time.monotonic() + PATIENCE
        while not self.ports.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not serve:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.01)
        words = dict(word.split("=") for word in self.ports.read_text().split())
        self.port = int(words["grpc"].rpartition(":")[2])
        self.metrics_address = words["metrics"]

    @staticmethod
    def command(name, data, peers=None, port=0):
        """`peers`: the ports of other services; those not named are not there."""
        flags = [f"--{peer}_address=127.0.0.1:{(peers or {}).get(peer, 1)}"
                 for peer in ("orders", "claims", "payments", "notifications")]
        return [BUILD / f"services/{name}/makegood-{name}", f"--data_dir={data / 'data'}",
                f"--address=127.0.0.1:{port}", "--metrics_address=127.0.0.1:0", *flags]

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE).group(1)) * 1024

    def metric(self, *names, **labels):
        """The sum of all series of these names with these labels; the lag behind who does not run is not known, NaN."""
        with urllib.request.urlopen(f"http://{self.metrics_address}/metrics", timeout=30) as page:
            lines = page.read().decode().splitlines()
        begins = tuple(name + "{" for name in names)
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        values = (float(line.rpartition(" ")[2]) for line in lines
                  if line.startswith(begins) and all(pair in line for pair in wanted))
        return sum(value for value in values if not math.isnan(value))

    def answered(self, method):
        return self.metric("grpc_server_handled_total", grpc_method=method, grpc_code="OK")

    def waiting(self):
        """What is still to follow from what was done."""
        return self.metric("makegood_feed_lag_events", "makegood_tasks_due", "makegood_store_queue_depth")

    def end(self):
        end(self.process)


def settle(servers, patience):
    """Waits until nothing is left to follow. Returns the seconds it took, or None if it took too long."""
    started = time.monotonic()
    quiet = 0
    while quiet < 3:
        if time.monotonic() - started > patience:
            return None
        quiet = quiet + 1 if sum(server.waiting() for server in servers) == 0 else 0
        time.sleep(0.2)  # a page of metrics costs the server some milliseconds
    return time.monotonic() - started
