"""Allocations per event by thread, in steady state: counted by mallocs.c, which is preloaded.

Counted between two marks, after a warm-up with the same number of events. Every sixteenth allocation is
kept with its callers, so that what is found can be mended. The goal is none per event on lanes and journal.
"""
import bisect
import collections
import mmap
import os
import struct
import subprocess
import time

import scale
from peer import free_port
from stages import cut, demangled
from verdicts import verdict

# struct book of mallocs.c
THREADS, SAMPLES, DEPTH = 256, 4096, 20
HEAD, THREAD, SAMPLE = 16, 32, 8 * (3 + DEPTH)
# A batch has some 800 events: what is allocated once for each is below this.
PER_EVENT = 0.05
SHOWN = 12


class Book:
    def __init__(self, path):
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), HEAD + THREADS * THREAD + SAMPLES * SAMPLE)

    def counts(self):
        used = min(THREADS, struct.unpack_from("I", self.map)[0])
        return {row[0]: row[1] for row in (struct.unpack_from("4Q", self.map, HEAD + i * THREAD) for i in range(used))}

    def sample(self, on):
        struct.pack_into("I", self.map, 8, on)

    def samples(self):
        used = min(SAMPLES, struct.unpack_from("I", self.map, 4)[0])
        for i in range(used):
            row = struct.unpack_from("%dQ" % (3 + DEPTH), self.map, HEAD + THREADS * THREAD + i * SAMPLE)
            yield row[0], row[3:3 + row[2]]


def names(pid):
    """{thread id: name}"""
    return {int(tid): open("/proc/%d/task/%s/comm" % (pid, tid)).read().strip()
            for tid in os.listdir("/proc/%d/task" % pid)}


class Symbols:
    """Addresses of a running process to (object, function)."""

    def __init__(self, pid):
        self.areas = []
        for line in open("/proc/%d/maps" % pid):
            words = line.split()
            if len(words) > 5 and words[5].startswith("/"):
                start, end = (int(word, 16) for word in words[0].split("-"))
                self.areas.append((start, end, start - int(words[2], 16), words[5]))
        self.base, self.tables = {}, {}
        for start, _, base, path in self.areas:
            self.base.setdefault(path, base)

    def table(self, path):
        if path not in self.tables:
            # Of a stripped library only what it exports is known: its own name says more.
            done = subprocess.run(["nm", path], capture_output=True, text=True)
            rows = sorted({(int(words[0], 16), words[2]) for words in map(str.split, done.stdout.splitlines())
                           if len(words) == 3 and words[1] in "tTwWiuV"})
            self.tables[path] = rows
        return self.tables[path]

    def __getitem__(self, address):
        for start, end, _, path in self.areas:
            if start <= address < end:
                rows = self.table(path)
                at = bisect.bisect(rows, (address - self.base[path], "\x7f")) - 1
                return path, rows[at][1] if at >= 0 else os.path.basename(path)
        return "?", "?"


def measure(bench):
    path, port = bench.work + "/mallocs", free_port()
    if os.path.exists(path):
        os.unlink(path)
    half = bench.events // 3
    parts = [cut(bench, i * half, half, "part-%d.ndjson" % i) for i in range(3)]
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, bench.work + "/mallocs.so", environment={"ENGAGED_MALLOCS": path})
        try:
            book = Book(path)
            bench.send(port, "acks", parts[0])
            wait(bench, half)
            before = book.counts()
            bench.send(port, "acks", parts[1])
            wait(bench, 2 * half)
            after = book.counts()
            # Once more for the callers: looking for them allocates nothing, but takes its time.
            book.sample(1)
            bench.send(port, "acks", parts[2])
            wait(bench, 3 * half)
            book.sample(0)
            known, symbols = names(peer.process.pid), Symbols(peer.process.pid)
            callers = collections.Counter()
            for thread, frames in book.samples():
                # The first is the probe's own.
                callers[known.get(thread, "?"), tuple(symbols[frame] for frame in frames[1:])] += 1
        finally:
            peer.kill()
    for part in (*parts, path):
        os.unlink(part)
    each = collections.Counter()
    for thread, count in after.items():
        each[known.get(thread, "?")] += (count - before.get(thread, 0)) / half
    return judge(bench, half, each, sites(bench, callers))


def wait(bench, events):
    deadline = time.monotonic() + 240
    while scale.counted(bench.data) < events:
        if time.monotonic() > deadline:
            raise RuntimeError("the daemon doesn't count its events")
        time.sleep(0.1)
    time.sleep(0.5)


def sites(bench, callers):
    """The places that allocate most: thread, share of the samples, the daemon's own functions above it."""
    mine = os.path.realpath(bench.args.engaged)
    merged, whole = collections.Counter(), sum(callers.values()) or 1
    for (thread, frames), count in callers.items():
        own = [name for path, name in frames if os.path.realpath(path) == mine][:3]
        foreign = [name for path, name in frames[:6] if os.path.realpath(path) != mine
                   and not path.endswith("mallocs.so") and "/libc." not in path and "libswiftCore" not in path][:1]
        merged[thread, tuple(foreign + own)] += count
    return [{"thread": thread, "share": count / whole, "by": demangled(list(frames))}
            for (thread, frames), count in merged.most_common(SHOWN)]


def judge(bench, events, each, found):
    lanes = sum(count for name, count in each.items() if name.startswith(("lane", "NIO-ELT")))
    journal = each.get("journal", 0.0)
    return {"events": events, "per_event": dict(each), "sites": found, "verdicts": [
        verdict("allocations", "per event, %s" % name, "%.4f" % value, "none; < %.2f: once a batch" % PER_EVENT,
                value < PER_EVENT) for name, value in (("lanes", lanes), ("journal", journal))]}


def table(found):
    lines = ["allocations  per event, %d events over TCP in steady state" % found["events"], "| thread | per event |", "|---|--:|"]
    lines += ["| %s | %.4f |" % one for one in sorted(found["per_event"].items(), key=lambda one: -one[1]) if one[1] > 0]
    lines += ["", "| where, nearest first | thread | share |", "|---|---|--:|"]
    return lines + ["| %s | %s | %.0f %% |" % (" < ".join(one["by"]).replace("|", "\\|")[:200], one["thread"],
                                              100 * one["share"]) for one in found["sites"]] + [""]
