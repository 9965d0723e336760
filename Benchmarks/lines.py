"""Rows p1, p2, p7 and safety: lines over TCP. Each peer once per round, in turns."""
import glob
import os
import shutil
import sqlite3
import subprocess
import time

import latency
from bench import CONNECTIONS
from peer import Peer, free_port, generator, median, ratios, run_cost, say
from verdicts import at_least, at_most, verdict

WHO = {"p1": ("engaged", "rsyslog"), "p2": ("engaged", "libdeflate"), "p7": ("paced",), "safety": ("engaged", "unsynced")}


def wait_counted(bench, data):
    deadline = time.monotonic() + 240
    ledger = sqlite3.connect("file:%s/ledger.sqlite?mode=ro" % data, uri=True, timeout=5)
    while True:
        row = ledger.execute("SELECT SUM(applied) + SUM(duplicates) FROM rollup_progress").fetchone()
        if (row[0] or 0) >= bench.events:
            break
        if time.monotonic() > deadline:
            raise RuntimeError("the ledger counted %s of %d events" % (row[0], bench.events))
        time.sleep(0.02)
    ledger.close()


def engaged(bench, preload=None):
    """Over TCP with acks into segments and ledger."""
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, preload)
        try:
            began = time.monotonic()
            sent = bench.send(port, "acks")
            if sent["rejected"]:
                raise RuntimeError("%d lines were rejected" % sent["rejected"])
            wait_counted(bench, bench.data)
            counted = time.monotonic() - began
            cpu, peak = peer.stop()
        finally:
            peer.kill()
    if peer.process.returncode:
        raise RuntimeError("engaged ended with exit code %d" % peer.process.returncode)
    stored = sum(map(os.path.getsize, glob.glob(bench.data + "/segments/*")))
    shutil.rmtree(bench.data, ignore_errors=True)
    return {"durable_s": sent["done_s"], "counted_s": counted, "durable_per_s": bench.events / sent["done_s"],
            "counted_per_s": bench.events / counted, "cpu_s_per_1m": bench.per_million(cpu), "peak_mib": peak,
            "bytes_per_event": stored / bench.events, "load": generator(sent["cpu_s"], sent["done_s"], CONNECTIONS)}


def unsynced(bench):
    """The same, but its syncs do nothing."""
    return engaged(bench, preload=bench.work + "/nosync.so")


def paced(bench):
    return latency.measure(bench)


def rsyslog(bench):
    """imptcp into one omfile with zlib level 1: no acknowledgement, no sync, no counters."""
    port, target, config = free_port(), bench.work + "/rsyslog.gz", bench.work + "/rsyslog.conf"
    with open(config, "w") as f:
        f.write('global(workDirectory="%s" maxMessageSize="64k")\n' % bench.work
                + 'module(load="imptcp" threads="2")\nmodule(load="pmnull")\n'
                + 'template(name="line" type="string" string="%rawmsg%\\n")\n'
                + 'ruleset(name="in" parser="rsyslog.pmnull") {\n'
                + '  action(type="omfile" file="%s" template="line" zipLevel="1"\n' % target
                + '    ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="off" veryRobustZip="off")\n}\n'
                + 'input(type="imptcp" address="127.0.0.1" port="%d" ruleset="in")\n' % port)
    with open(bench.work + "/rsyslog.log", "w") as log:
        peer = Peer([shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin"), "-n", "-f", config,
                     "-i", bench.work + "/rsyslog.pid"], port, log)
        try:
            began = time.monotonic()
            sent = bench.send(port, "plain")
            cpu, peak = peer.stop()
            took = time.monotonic() - began
        finally:
            peer.kill()
    lines = int(subprocess.run("gzip -dc '%s' | wc -l" % target, shell=True, capture_output=True).stdout)
    result = {"durable_s": took, "durable_per_s": bench.events / took, "cpu_s_per_1m": bench.per_million(cpu),
              "peak_mib": peak, "lost": bench.events - lines, "bytes_per_event": os.path.getsize(target) / bench.events,
              "load": generator(sent["cpu_s"], took, CONNECTIONS)}
    os.unlink(target)
    return result


def libdeflate(bench):
    """`libdeflate-gzip -1` on the same file, its output thrown away."""
    cpu, _, _ = run_cost(["libdeflate-gzip", "-1", "-c", bench.args.file], stdout=subprocess.DEVNULL)
    return {"cpu_s_per_1m": bench.per_million(cpu)}


def measure(bench, rows):
    """The order turns around every other round."""
    names = list(dict.fromkeys(name for row in rows for name in WHO.get(row, ())))
    results = {name: [] for name in names}
    for number in range(bench.args.rounds):
        for name in names if number % 2 == 0 else names[::-1]:
            results[name].append(globals()[name](bench))
            one = results[name][-1]
            say("round %d: %-10s %.2f CPU-s per 1M%s" % (number + 1, name, one["cpu_s_per_1m"],
                ", %d events/s" % one["durable_per_s"] if "durable_per_s" in one else ""))
    return results


def p1(results):
    mine, other = results["engaged"], results["rsyslog"]
    speed, cost = (ratios(results, key, "engaged", "rsyslog") for key in ("durable_per_s", "cpu_s_per_1m"))
    counted = ratios(results, "counted_per_s", "engaged", "rsyslog", "durable_per_s")
    rate = "%d" % median(other, "durable_per_s")
    load = [one["load"] for one in mine]
    return {"speed_ratio": speed, "counted_ratio": counted, "cpu_ratio": cost, "verdicts": [
        verdict("P1", "events/s over TCP, counted; rsyslog's stored", "%d" % median(mine, "counted_per_s"), ">= 4",
                at_least(counted, 4), rate, counted, load),
        verdict("P1", "events/s over TCP, durable", "%d" % median(mine, "durable_per_s"), "", None, rate, speed, load),
        verdict("P1", "CPU-s per 1M events", "%.2f" % median(mine, "cpu_s_per_1m"), "<= 0.25", at_most(cost, 0.25),
                "%.2f" % median(other, "cpu_s_per_1m"), cost)]}, [
        "p1  NDJSON over TCP, %d connections" % CONNECTIONS,
        "| | durable events/s | counted events/s | CPU-s per 1M | bytes/event | peak MiB |",
        "|---|--:|--:|--:|--:|--:|",
        "| engaged: acks, fdatasync, ledger | %d | %d | %.2f | %.1f | %d |" % tuple(median(mine, k) for k in (
            "durable_per_s", "counted_per_s", "cpu_s_per_1m", "bytes_per_event", "peak_mib")),
        "| rsyslog: imptcp to omfile, gzip 1 (no sync) | %d | - | %.2f | %.1f | %d |" % tuple(
            median(other, k) for k in ("durable_per_s", "cpu_s_per_1m", "bytes_per_event", "peak_mib")), ""]


def p2(results):
    cost = ratios(results, "cpu_s_per_1m", "engaged", "libdeflate")
    mine, other = ("%.2f" % median(results[name], "cpu_s_per_1m") for name in ("engaged", "libdeflate"))
    return {"cpu_ratio": cost, "verdicts": [verdict(
        "P2", "CPU-s per 1M, the daemon; libdeflate-gzip -1 alone", mine, "<= 1", at_most(cost, 1), other, cost)]}, []


def p7(results):
    judged = latency.judge(results["paced"])
    return judged, latency.table(judged)


def safety(results):
    keys = ("durable_per_s", "counted_per_s", "cpu_s_per_1m")
    against = {key: ratios(results, key, "engaged", "unsynced") for key in keys}
    table = ["safety  what the syncs cost: the same load, with and without them",
             "| | durable events/s | counted events/s | CPU-s per 1M |", "|---|--:|--:|--:|"]
    table += ["| %s | %d | %d | %.2f |" % ((words, *(median(results[name], key) for key in keys)))
              for words, name in (("engaged", "engaged"), ("with syncs that do nothing", "unsynced"))]
    table += ["| with / without | %s |" % " | ".join("%.2f (%.2f-%.2f)" % tuple(one.values()) for one in against.values()), ""]
    return {"speed_ratio": against["durable_per_s"], "cpu_ratio": against["cpu_s_per_1m"], "verdicts": []}, table
