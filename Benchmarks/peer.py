"""What every row needs: a process to measure, its costs, and ratios."""
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")


def say(*words):
    print("run:", *words, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_so_far(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid, field="VmRSS"):
    """MiB; VmHWM is the most so far."""
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field)) / 1024


def scrape(admin):
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % admin, timeout=20) as r:
        return r.read().decode()


def metric(text, name, **labels):
    """Sum of a metric's series that have these labels."""
    total = 0.0
    for found in re.finditer(r"^%s(?:\{(.*)\})? (\S+)$" % re.escape(name), text, re.M):
        if all('%s="%s"' % pair in (found[1] or "") for pair in labels.items()):
            total += float(found[2])
    return total


class Peer:
    """A process that listens; knows what it cost between being ready and its end."""

    def __init__(self, command, port, log, preload=None, patience=30, environment=None):
        environment = {**os.environ, **(environment or {})}
        if preload:
            environment["LD_PRELOAD"] = preload
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + patience
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise RuntimeError("%s doesn't listen, see %s" % (command[0], log.name)) from None
                time.sleep(0.02)
        time.sleep(0.3)
        self.cpu_ready = cpu_so_far(self.process.pid)

    def stop(self, patience=120):
        """(CPU-seconds since ready, peak MiB)"""
        peak = most_resident(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + patience
        while True:
            peak = max(peak, most_resident(self.process.pid))
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                self.process.kill()
            time.sleep(0.002)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime - self.cpu_ready, peak // 1024

    def kill(self):
        if self.process.returncode is None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def most_resident(pid):
    """The most memory the process had so far, KiB; 0: it has ended. Its ru_maxrss would be no less than that of this program, which it was a
    copy of before it began."""
    with open("/proc/%d/status" % pid) as f:
        return next((int(line.split()[1]) for line in f if line.startswith("VmHWM")), 0)


def run_cost(command, **options):
    """(CPU-seconds, wall seconds, peak MiB) of a command that must succeed."""
    began = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], **options)
    peak, pid = 0, 0
    while not pid:
        peak = max(peak, most_resident(process.pid))
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if not pid:
            time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("%s failed with %d" % (command[0], process.returncode))
    return used.ru_utime + used.ru_stime, time.monotonic() - began, peak // 1024


def median(results, key):
    return statistics.median(one[key] for one in results)


def spread(values):
    values = list(values)
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def ratios(results, key, over, under, other=None):
    """Median of the ratios within each round, and their range."""
    return spread(a[key] / b[other or key] for a, b in zip(results[over], results[under]))


def generator(cpu_s, wall_s, threads=1):
    """What a load's own process took, and whether it was the limit: its threads were busy all the
    time, or it had more than half of the machine."""
    cores = cpu_s / wall_s
    return {"cpu_s": cpu_s, "cores": cores, "limits": cores >= 0.9 * threads or cores > os.cpu_count() / 2}
