"""Row recompaction: what packing old segments more tightly costs the intake meanwhile.

A log of sealed segments is due for packing as the daemon starts; then the same load comes as fast as it is
taken, with recompaction and without, in turns. The packing's own CPU during the load stands beside it; and
as it must have had work, a round that doesn't see it go on afterwards is an error.
"""
import os
import shutil
import subprocess
import time

import scale
from bench import CONNECTIONS
from peer import free_port, generator, median, ratios
from verdicts import at_least, verdict

CUSTOMERS, EVENTS, PERCENT = 50_000, 3_000_000, 25
SETTINGS = ["--set", "recompaction.after_hours=0", "--set", "journal.segment_bytes=8MiB"]


def measure(bench):
    history = bench.work + "/packing"
    events = bench.events if bench.args.quick else EVENTS
    live = scale.events_of(bench, CUSTOMERS, events)
    results = {"packing": [], "not": []}
    try:
        filled(bench, history)
        for number in range(bench.args.rounds):
            for name in results if number % 2 == 0 else list(results)[::-1]:
                one = once(bench, history, live, events, PERCENT if name == "packing" else 0)
                results[name].append(one)
                bench.say("round %d: %-8s %d events/s, packing took %.2f CPU-s" % (
                    number + 1, name, one["durable_per_s"], one["packing_cpu_s"]))
    finally:
        shutil.rmtree(history, ignore_errors=True)
    return results


def filled(bench, data):
    """A data directory whose segments are sealed."""
    shutil.rmtree(data, ignore_errors=True)
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, data=data, more=SETTINGS)
        try:
            bench.send(port, "acks")
            peer.stop()
        finally:
            peer.kill()


def once(bench, history, live, events, percent):
    shutil.rmtree(bench.data, ignore_errors=True)
    shutil.copytree(history, bench.data)
    subprocess.run(["sync", "-f", bench.data], check=True)
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, data=bench.data, more=[*SETTINGS, "--set", "recompaction.percent=%d" % percent])
        try:
            # It looks for the first time a second after the start.
            time.sleep(1.5)
            before = packing_cpu(peer.process.pid)
            sent = bench.send(port, "acks", live)
            after = packing_cpu(peer.process.pid)
            deadline = time.monotonic() + 120
            while percent and packing_cpu(peer.process.pid) < after + 0.1:
                if time.monotonic() > deadline:
                    raise RuntimeError("nothing is left to be packed")
                time.sleep(0.1)
            cpu, _ = peer.stop()
        finally:
            peer.kill()
    return {"durable_per_s": events / sent["done_s"], "cpu_s_per_1m": cpu * 1e6 / events, "packing_cpu_s": after - before,
            "load": generator(sent["cpu_s"], sent["done_s"], CONNECTIONS)}


def packing_cpu(pid):
    """CPU-seconds of the thread that packs; 0: there is none."""
    folder = "/proc/%d/task" % pid
    for thread in os.listdir(folder):
        with open("%s/%s/stat" % (folder, thread)) as f:
            head, rest = f.read().rsplit(")", 1)
        if head.endswith("(recompaction"):
            return sum(map(int, rest.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def judge(results):
    speed = ratios(results, "durable_per_s", "packing", "not")
    rate, other = ("%d" % median(results[name], "durable_per_s") for name in ("packing", "not"))
    return {"results": results, "speed_ratio": speed, "verdicts": [verdict(
        "recompaction", "events/s durable while old segments are packed; while not", rate, ">= 0.95",
        at_least(speed, 0.95), other, speed, [one["load"] for one in results["not"]],
        "at most %d %% of a core; it took %.2f CPU-s" % (PERCENT, median(results["packing"], "packing_cpu_s")))]}
