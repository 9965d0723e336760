"""Row p5: what an event costs in a large ledger; and the large ledgers themselves, also for p9."""
import os
import shutil
import statistics
import subprocess
import time

import latency
from peer import spread
from verdicts import verdict

SIZES = (50_000, 1_000_000, 10_000_000)
EVENTS = 1_000_000


def run(*command, output):
    with open(output + ".new", "wb") as f:
        subprocess.run([str(word) for word in command], stdout=f, check=True)
    os.rename(output + ".new", output)
    return output


def crowd(bench, customers, events, seed, history=False):
    """A file of events, made once: history, or live traffic."""
    name = "%s/%s-%d-%d-%d.ndjson" % (bench.work, "history" if history else "live", customers, events, seed)
    if not os.path.exists(name):
        bench.say("making", os.path.basename(name))
        run(bench.work + "/crowd", customers, events, seed, *([int(time.time() * 1e3)] if history else []), output=name)
    return name


def feed(bench, data, file, events):
    """Sends a file into a data directory and waits until all is counted: (CPU-s, peak MiB, seconds)."""
    port = latency.free_port()
    with open(bench.work + "/engaged.log", "a") as log:
        peer = bench.daemon(port, log, data=data)
        try:
            before = counted(data)
            began = time.monotonic()
            bench.send(port, "acks", file)
            while counted(data) < before + events:
                time.sleep(0.5)
            took = time.monotonic() - began
            cpu, peak = peer.stop()
        finally:
            peer.kill()
    return cpu, peak, took


def counted(data):
    import sqlite3
    ledger = sqlite3.connect("file:%s/ledger.sqlite?mode=ro" % data, uri=True, timeout=60)
    try:
        return ledger.execute("SELECT COALESCE(SUM(applied) + SUM(duplicates), 0) FROM rollup_progress").fetchone()[0]
    finally:
        ledger.close()


def crowded(bench, customers, events):
    """A data directory with everything about so many customers, made once."""
    data = "%s/crowd-%d-%d" % (bench.work, customers, events)
    if not os.path.exists(data + "/made"):
        shutil.rmtree(data, ignore_errors=True)
        file = crowd(bench, customers, events, 1, history=True)
        bench.say("counting", os.path.basename(file), "into", data)
        os.makedirs(data)
        feed(bench, data, file, events)
        os.unlink(file)
        open(data + "/made", "w").close()
    return data


def visited(bench, customers):
    """A data directory in which each of events.py's customers came once, made once."""
    data = "%s/visited-%d" % (bench.work, customers)
    if not os.path.exists(data + "/made"):
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(data)
        file = bench.work + "/visits.ndjson"
        with open(file, "w", 1 << 20) as f:
            for c in range(customers):
                f.write('{"type":"page_view","id":"first-%d","site":"shop","customer":"c-%07d"}\n' % (c, c))
        bench.say("counting a visit of each of", customers, "customers")
        feed(bench, data, file, customers)
        os.unlink(file)
        open(data + "/made", "w").close()
    return data


def events_of(bench, customers, events=EVENTS):
    name = "%s/scale-%d-%d-%s.ndjson" % (bench.work, customers, events, time.strftime("%F", time.gmtime()))
    if not os.path.exists(name):
        run("python3", os.path.dirname(os.path.abspath(__file__)) + "/events.py", events, "--customers", customers,
            "--start", time.strftime("%F", time.gmtime()), output=name)
    return name


def measure(bench):
    """The same number of events, ids drawn from few and from many, all of whom the ledger knows."""
    result = {}
    for customers in SIZES:
        kept, data = visited(bench, customers), bench.work + "/data"
        shutil.rmtree(data, ignore_errors=True)
        subprocess.run(["cp", "-a", kept, data], check=True)
        size = os.path.getsize(data + "/ledger.sqlite")
        rounds = []
        for kind, file in (("busy", events_of(bench, customers)), ("any", crowd(bench, customers, EVENTS, 3))):
            cpu, peak, took = feed(bench, data, file, EVENTS)
            rounds.append({"kind": kind, "cpu_s_per_1m": cpu * 1e6 / EVENTS, "peak_mib": peak, "counted_s": took})
            bench.say("%d customers, %s: %.2f CPU-s per 1M, %d MiB" % (customers, kind, cpu * 1e6 / EVENTS, peak))
        result[customers] = {"rounds": rounds, "bytes": os.path.getsize(data + "/ledger.sqlite"), "bytes_before": size}
        shutil.rmtree(data, ignore_errors=True)
    return result


def judge(result):
    few = {one["kind"]: one["cpu_s_per_1m"] for one in result[SIZES[0]]["rounds"]}
    out = {"sizes": result, "ratios": {
        kind: {size: next(one["cpu_s_per_1m"] for one in of["rounds"] if one["kind"] == kind) / few[kind]
               for size, of in result.items()} for kind in few}}
    ratio, most = out["ratios"]["busy"][SIZES[-1]], max(of["rounds"][0]["peak_mib"] for of in result.values())
    busy = {size: "%.2f" % of["rounds"][0]["cpu_s_per_1m"] for size, of in result.items()}
    out["verdicts"] = [
        verdict("P5", "CPU-s per 1M events at %d customers; at %d" % (SIZES[-1], SIZES[0]), busy[SIZES[-1]], "<= 2",
                ratio <= 2, busy[SIZES[0]], spread([ratio])),
        verdict("P5", "MiB resident at most", "%d" % most, "<= 512", most <= 512)]
    return out


KINDS = {"busy": "events.py: a few busy customers, most rare; page views, clicks, letters",
         "any": "crowd: half to any customer; every type"}


def table(p5):
    lines = ["p5  %d events into ledgers that know so many customers" % EVENTS,
             "| | customers | CPU-s per 1M | against %d | counted in s | peak MiB | ledger MB before, after |" % SIZES[0],
             "|---|--:|--:|--:|--:|--:|--:|"]
    for kind, words in KINDS.items():
        for size, of in p5["sizes"].items():
            one = next(one for one in of["rounds"] if one["kind"] == kind)
            lines.append("| %s | %d | %.2f | %.2f | %.1f | %d | %.0f, %.0f |" % (
                words, size, one["cpu_s_per_1m"], p5["ratios"][kind][size], one["counted_s"], one["peak_mib"],
                of["bytes_before"] / 1e6, of["bytes"] / 1e6))
            words = ""
    most = max(of["rounds"][0]["peak_mib"] for of in p5["sizes"].values())
    lines += ["goal: at %d customers 2.00 or less, 512 MiB or less: %.2f, %d MiB" % (
        SIZES[-1], p5["ratios"]["busy"][SIZES[-1]], most), ""]
    return lines
