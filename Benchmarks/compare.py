"""Measures engaged beside its peers, in turns; called by ./run, which has built everything.

CPU-seconds are of the measured process alone, from being ready to its exit; rates are wall clock,
with sender and receiver on the same cores. Judge by the ratios within one run.
"""
import argparse
import glob
import json
import os
import platform
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

import beacons
import latency
import questions
import scale

TICK = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 4


def say(*words):
    print("run:", *words, file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_so_far(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Peer:
    """A process that listens; knows what it cost between being ready and its end."""

    def __init__(self, command, port, log, preload=None):
        environment = {**os.environ, "LD_PRELOAD": preload} if preload else None
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("%s doesn't listen, see %s" % (command[0], log.name)) from None
                time.sleep(0.02)
        time.sleep(0.3)
        self.cpu_ready = cpu_so_far(self.process.pid)

    def stop(self):
        """(CPU-seconds since ready, peak MiB)"""
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 120
        while True:
            pid, status, used = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                self.process.kill()
            time.sleep(0.002)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime - self.cpu_ready, used.ru_maxrss // 1024

    def kill(self):
        if self.process.returncode is None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Bench:
    def __init__(self, args):
        self.args = args
        self.work = args.work
        self.data = args.work + "/data"
        with open(args.file, "rb") as f:
            self.events = sum(block.count(b"\n") for block in iter(lambda: f.read(1 << 20), b""))
        self.bytes = os.path.getsize(args.file)

    say = staticmethod(say)

    def send(self, port, mode, file=None):
        done = subprocess.run([self.work + "/send", str(port), file or self.args.file, str(CONNECTIONS), mode],
                              stdout=subprocess.PIPE, text=True, timeout=3600)
        if done.returncode:
            raise RuntimeError("the sender failed: " + done.stdout)
        return json.loads(done.stdout)

    def per_million(self, value):
        return value * 1e6 / self.events

    def daemon(self, port, log, preload=None, data=None):
        """engaged on an empty data directory, self.data, or on one that is there."""
        if not data:
            shutil.rmtree(self.data, ignore_errors=True)
        return Peer([self.args.engaged, "serve", "--data", data or self.data, "--listen", "127.0.0.1:%d" % port,
                     "--admin", "none", "--open-site", "shop"], port, log, preload)

    def engaged(self, preload=None):
        """Over TCP with acks into segments and ledger."""
        data, port = self.data, free_port()
        with open(self.work + "/engaged.log", "w") as log:
            peer = self.daemon(port, log, preload)
            try:
                began = time.monotonic()
                sent = self.send(port, "acks")
                if sent["rejected"]:
                    raise RuntimeError("%d lines were rejected" % sent["rejected"])
                self.wait_counted(data)
                counted = time.monotonic() - began
                cpu, peak = peer.stop()
            finally:
                peer.kill()
        if peer.process.returncode:
            raise RuntimeError("engaged ended with exit code %d" % peer.process.returncode)
        stored = sum(map(os.path.getsize, glob.glob(data + "/segments/*")))
        result = {"durable_s": sent["done_s"], "counted_s": counted, "durable_per_s": self.events / sent["done_s"],
                  "counted_per_s": self.events / counted, "cpu_s_per_1m": self.per_million(cpu), "peak_mib": peak,
                  "bytes_per_event": stored / self.events}
        shutil.rmtree(data, ignore_errors=True)
        return result

    def unsynced(self):
        """The same, but its syncs do nothing."""
        return self.engaged(preload=self.work + "/nosync.so")

    def paced(self):
        return latency.measure(self)

    def wait_counted(self, data):
        deadline = time.monotonic() + 120
        ledger = sqlite3.connect("file:%s/ledger.sqlite?mode=ro" % data, uri=True, timeout=5)
        while True:
            row = ledger.execute("SELECT SUM(applied) + SUM(duplicates) FROM rollup_progress").fetchone()
            if (row[0] or 0) >= self.events:
                break
            if time.monotonic() > deadline:
                raise RuntimeError("the ledger counted %s of %d events" % (row[0], self.events))
            time.sleep(0.02)
        ledger.close()

    def rsyslog(self):
        """imptcp into one omfile with zlib level 1: no acknowledgement, no sync, no counters."""
        port, target, config = free_port(), self.work + "/rsyslog.gz", self.work + "/rsyslog.conf"
        with open(config, "w") as f:
            f.write('global(workDirectory="%s" maxMessageSize="64k")\n' % self.work
                    + 'module(load="imptcp" threads="2")\nmodule(load="pmnull")\n'
                    + 'template(name="line" type="string" string="%rawmsg%\\n")\n'
                    + 'ruleset(name="in" parser="rsyslog.pmnull") {\n'
                    + '  action(type="omfile" file="%s" template="line" zipLevel="1"\n' % target
                    + '    ioBufferSize="256k" flushOnTXEnd="off" asyncWriting="off" veryRobustZip="off")\n}\n'
                    + 'input(type="imptcp" address="127.0.0.1" port="%d" ruleset="in")\n' % port)
        with open(self.work + "/rsyslog.log", "w") as log:
            peer = Peer([shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin"), "-n", "-f", config,
                         "-i", self.work + "/rsyslog.pid"], port, log)
            try:
                began = time.monotonic()
                self.send(port, "plain")
                cpu, peak = peer.stop()
                took = time.monotonic() - began
            finally:
                peer.kill()
        lines = int(subprocess.run("gzip -dc '%s' | wc -l" % target, shell=True, capture_output=True).stdout)
        result = {"durable_s": took, "durable_per_s": self.events / took, "cpu_s_per_1m": self.per_million(cpu),
                  "peak_mib": peak, "lost": self.events - lines, "bytes_per_event": os.path.getsize(target) / self.events}
        os.unlink(target)
        return result

    def libdeflate(self):
        """`libdeflate-gzip -1` on the same file, its output thrown away."""
        process = subprocess.Popen(["libdeflate-gzip", "-1", "-c", self.args.file], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("libdeflate-gzip failed")
        return {"cpu_s_per_1m": self.per_million(used.ru_utime + used.ru_stime)}

    def rounds(self, names):
        """Each peer once per round, the order turned around every other round."""
        results = {name: [] for name in names}
        for number in range(self.args.rounds):
            for name in names if number % 2 == 0 else names[::-1]:
                results[name].append(getattr(self, name)())
                one = results[name][-1]
                say("round %d: %-10s %.2f CPU-s per 1M%s" % (number + 1, name, one["cpu_s_per_1m"],
                    ", %d events/s" % one["durable_per_s"] if "durable_per_s" in one else ""))
        return results


def median(results, key):
    return statistics.median(one[key] for one in results)


def ratios(results, key, over, under):
    """Median of the ratios within each round, and their range."""
    each = [a[key] / b[key] for a, b in zip(results[over], results[under])]
    return {"median": statistics.median(each), "least": min(each), "most": max(each)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--engaged")
    parser.add_argument("--file", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--json", required=True)
    parser.add_argument("rows", nargs="+")
    args = parser.parse_args()
    bench = Bench(args)
    machine = {"cores": os.cpu_count(), "kernel": platform.release(), "machine": platform.machine()}
    out = {"machine": machine, "events": bench.events, "bytes": bench.bytes, "rounds": args.rounds}
    table = ["%d events, %d bytes (%.0f a line), %d cores, %d rounds, medians" % (
        bench.events, bench.bytes, bench.bytes / bench.events, machine["cores"], args.rounds), ""]

    names = [n for n, row in (("engaged", ("p1", "p2", "safety")), ("rsyslog", ("p1",)), ("libdeflate", ("p2",)),
                              ("unsynced", ("safety",)), ("paced", ("p7",)))
             if set(row) & set(args.rows)]
    if names:
        results = out["results"] = bench.rounds(names)
        mine = results.get("engaged")
    if "p1" in args.rows:
        other = results["rsyslog"]
        speed = ratios(results, "durable_per_s", "engaged", "rsyslog")
        cost = ratios(results, "cpu_s_per_1m", "engaged", "rsyslog")
        out["p1"] = {"speed_ratio": speed, "cpu_ratio": cost}
        table += ["p1  NDJSON over TCP, %d connections" % CONNECTIONS,
                  "| | durable events/s | counted events/s | CPU-s per 1M | bytes/event | peak MiB |",
                  "|---|--:|--:|--:|--:|--:|"]
        table += ["| engaged: acks, fdatasync, ledger | %d | %d | %.2f | %.1f | %d |" % tuple(
            median(mine, k) for k in ("durable_per_s", "counted_per_s", "cpu_s_per_1m", "bytes_per_event", "peak_mib"))]
        table += ["| rsyslog: imptcp to omfile, gzip 1 (no sync) | %d | - | %.2f | %.1f | %d |" % tuple(
            median(other, k) for k in ("durable_per_s", "cpu_s_per_1m", "bytes_per_event", "peak_mib"))]
        table += ["| engaged / rsyslog | %.2f (%.2f-%.2f) | | %.2f (%.2f-%.2f) | | |" % (
            speed["median"], speed["least"], speed["most"], cost["median"], cost["least"], cost["most"])]
        table += ["goal: 4.00 or more, 0.25 or less", ""]
    if "p2" in args.rows:
        cost = ratios(results, "cpu_s_per_1m", "engaged", "libdeflate")
        out["p2"] = {"cpu_ratio": cost}
        table += ["p2  the whole daemon against a compressor alone on the same bytes",
                  "| | CPU-s per 1M |", "|---|--:|", "| engaged | %.2f |" % median(mine, "cpu_s_per_1m"),
                  "| libdeflate-gzip -1 | %.2f |" % median(results["libdeflate"], "cpu_s_per_1m"),
                  "| engaged / libdeflate | %.2f (%.2f-%.2f) |" % (cost["median"], cost["least"], cost["most"]),
                  "goal: 1.00 or less", ""]
    if "p3" in args.rows:
        out["p3"] = beacons.judge(beacons.measure(bench, Peer, free_port))
        table += beacons.table(out["p3"])
    if "p7" in args.rows:
        out["p7"] = latency.judge(results["paced"])
        table += latency.table(out["p7"])
    if "p5" in args.rows:
        out["p5"] = scale.judge(scale.measure(bench))
        table += scale.table(out["p5"])
    if "p9" in args.rows:
        out["p9"] = questions.measure(bench)
        table += questions.table(out["p9"])
    if "safety" in args.rows:
        speed = ratios(results, "durable_per_s", "engaged", "unsynced")
        cost = ratios(results, "cpu_s_per_1m", "engaged", "unsynced")
        out["safety"] = {"speed_ratio": speed, "cpu_ratio": cost}
        table += ["safety  what the syncs cost: the same load, with and without them",
                  "| | durable events/s | counted events/s | CPU-s per 1M |", "|---|--:|--:|--:|"]
        table += ["| %s | %d | %d | %.2f |" % ((name, *(median(results[key], k) for k in (
            "durable_per_s", "counted_per_s", "cpu_s_per_1m"))))
            for name, key in (("engaged", "engaged"), ("with syncs that do nothing", "unsynced"))]
        table += ["| with / without | %.2f (%.2f-%.2f) | %.2f | %.2f (%.2f-%.2f) |" % (
            speed["median"], speed["least"], speed["most"],
            ratios(results, "counted_per_s", "engaged", "unsynced")["median"],
            cost["median"], cost["least"], cost["most"]), ""]
    if "codecs" in args.rows:
        done = subprocess.run([args.work + "/codecs", args.file], stdout=subprocess.PIPE, text=True, check=True)
        out["codecs"] = json.loads(done.stdout)
        table += ["codecs  %d gzip members of 256 KiB, one core" % out["codecs"]["batches"],
                  "| | seal CPU-s per 1M | inflate CPU-s per 1M | bytes/event |", "|---|--:|--:|--:|"]
        table += ["| %s | %.2f | %.2f | %.1f |" % (name, bench.per_million(c["seal_cpu_s"]),
                  bench.per_million(c["inflate_cpu_s"]), c["bytes"] / bench.events)
                  for name, c in out["codecs"]["codecs"].items()] + [""]
    with open(args.json, "w") as f:
        json.dump(out, f, indent=1)
        f.write("\n")
    print("\n".join(table))
    say("figures as JSON:", args.json)


if __name__ == "__main__":
    main()
