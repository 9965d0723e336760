"""How start, memory, replay and verify grow with the segments: 10 million customers on 1,000 sites.

One data directory that grows from size to size; at each the daemon is stopped, started, and stopped again,
then the segments are verified, then the ledger is replayed. Sizes are of the events as NDJSON.
"""
import os
import shutil
import subprocess
import time

import plot
import scale
from peer import free_port, memory, run_cost

CUSTOMERS, SITES, LINE_BYTES = 10_000_000, 1_000, 194
STEPS = (0.125, 0.25, 0.5, 1)
AT_ONCE = 2_000_000
PANELS = (("start_s", "start after a stop, s"), ("rest_mib", "memory at rest, MiB"), ("verify_mb_s", "verify, MB of segments/s"),
          ("replay_per_s", "replay, thousand events/s", 1e-3), ("replay_mib", "memory of the replay, MiB"),
          ("bytes", "segments, GB", 1e-9))


def settings(bench):
    path = bench.work + "/sites.yaml"
    with open(path, "w") as f:
        f.write("sites:\n" + "".join("  site-%04d: {open: true}\n" % i for i in range(SITES)))
    return ["--config", path]


def serve(bench, data, more):
    """(the daemon, its port, seconds until it listened)"""
    port = free_port()
    began = time.monotonic()
    with open(bench.work + "/engaged.log", "a") as log:
        peer = bench.daemon(port, log, data=data, more=more, patience=3600)
    # Peer waits a little once it listens.
    return peer, port, time.monotonic() - began - 0.3


def fill(bench, data, more, first, events):
    file = bench.work + "/sites.ndjson"
    peer, port, _ = serve(bench, data, more)
    try:
        while events:
            part = min(events, AT_ONCE)
            scale.run(bench.work + "/sites", part, CUSTOMERS, SITES, first, output=file)
            before = scale.counted(data)
            bench.send(port, "acks", file)
            while scale.counted(data) < before + part:
                time.sleep(0.5)
            first, events = first + part, events - part
        peer.stop(patience=600)
    finally:
        peer.kill()
        if os.path.exists(file):
            os.unlink(file)


def at_size(bench, data, more, events):
    peer, _, start_s = serve(bench, data, more)
    try:
        time.sleep(3)
        rest = memory(peer.process.pid)
        peer.stop(patience=600)
    finally:
        peer.kill()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    size = sum(os.path.getsize(data + "/segments/" + name) for name in os.listdir(data + "/segments"))
    verify_cpu, verify_s, verify_mib = run_cost([bench.args.engaged, "verify", "--data", data, *more], **quiet)
    replay_cpu, replay_s, replay_mib = run_cost([bench.args.engaged, "replay", "--data", data, *more], **quiet)
    return {"events": events, "bytes": size, "ledger_bytes": os.path.getsize(data + "/ledger.sqlite"), "start_s": start_s,
            "rest_mib": rest, "verify_mb_s": size / 1e6 / verify_s, "verify_cpu_s": verify_cpu, "verify_mib": verify_mib,
            "replay_per_s": events / replay_s, "replay_cpu_s": replay_cpu, "replay_mib": replay_mib}


def measure(bench):
    data, more = bench.work + "/grown", settings(bench)
    shutil.rmtree(data, ignore_errors=True)
    os.makedirs(data)
    whole = 0.1 if bench.args.quick else bench.args.gigabytes
    sizes, made = [], 0
    for step in STEPS:
        events = int(whole * 1e9 * step / LINE_BYTES)
        fill(bench, data, more, made, events - made)
        made = events
        sizes.append(at_size(bench, data, more, events))
        one = sizes[-1]
        bench.say("%d events, %.2f GB of segments: start %.2f s, %d MiB, verify %d MB/s, replay %d events/s" % (
            events, one["bytes"] / 1e9, one["start_s"], one["rest_mib"], one["verify_mb_s"], one["replay_per_s"]))
    shutil.rmtree(data)
    # A plot outlives its run: it says when it was made, and beside how much other work.
    title = "%d million customers, %d sites (%s, %d cores, load average %.1f)" % (
        CUSTOMERS // 10**6, SITES, time.strftime("%F", time.gmtime()), os.cpu_count(), os.getloadavg()[2])
    if bench.args.plot:
        with open(bench.args.plot if not bench.args.quick else bench.work + "/scale.svg", "w") as f:
            f.write(plot.panels(title, "million events stored", [one["events"] / 1e6 for one in sizes], [
                (words, [one[key] * (factor[0] if factor else 1) for one in sizes]) for key, words, *factor in PANELS]))
    return {"sizes": sizes, "verdicts": []}


def table(found):
    lines = ["scale  %d customers, %d sites" % (CUSTOMERS, SITES),
             "| events | segments GB | ledger GB | start s | at rest MiB | verify MB/s | replay events/s | CPU-s per 1M | MiB |",
             "|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    lines += ["| %d | %.2f | %.2f | %.2f | %d | %d | %d | %.2f | %d |" % (
        one["events"], one["bytes"] / 1e9, one["ledger_bytes"] / 1e9, one["start_s"], one["rest_mib"], one["verify_mb_s"],
        one["replay_per_s"], one["replay_cpu_s"] * 1e6 / one["events"], one["replay_mib"]) for one in found["sizes"]]
    return lines + [""]
