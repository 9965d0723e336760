"""Measures engaged beside its peers, in turns; called by ./run, which has built everything.

CPU-seconds are of the measured process alone, from being ready to its exit; rates are wall clock,
with sender and receiver on the same cores. Judge by the ratios within one run.
"""
import argparse
import json
import os
import platform
import subprocess

import allocations
import beacons
import datagrams
import growth
import lag
import lines
import overload
import packing
import questions
import rest
import scale
import stages
import stored
import verdicts
from bench import Bench
from peer import Peer, free_port, say


def codecs(bench):
    done = subprocess.run([bench.work + "/codecs", bench.args.file], stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    table = ["codecs  %d gzip members of 256 KiB, one core" % found["batches"],
             "| | seal CPU-s per 1M | inflate CPU-s per 1M | bytes/event |", "|---|--:|--:|--:|"]
    table += ["| %s | %.2f | %.2f | %.1f |" % (name, bench.per_million(c["seal_cpu_s"]),
              bench.per_million(c["inflate_cpu_s"]), c["bytes"] / bench.events)
              for name, c in found["codecs"].items()] + [""]
    return found, table


def with_table(judged, table):
    return judged, table(judged)


def measured(bench, rows):
    """(row, what was found, lines of its own table) of each, in the order of measuring."""
    interleaved = lines.measure(bench, rows)
    for row in ("p1", "p2", "p7", "safety"):
        if row in rows:
            yield row, *getattr(lines, row)(interleaved)
    alone = {
        "p3": lambda: with_table(beacons.judge(beacons.measure(bench, Peer, free_port)), beacons.table),
        "p4": lambda: with_table(datagrams.judge(datagrams.measure(bench)), datagrams.table),
        "p5": lambda: with_table(scale.judge(scale.measure(bench)), scale.table),
        "p9": lambda: with_table(questions.measure(bench), questions.table),
        "p10": lambda: (rest.p10(bench), []),
        "p11": lambda: (rest.p11(bench), []),
        "p12": lambda: (lag.judge(lag.measure(bench)), []),
        "recompaction": lambda: (packing.judge(packing.measure(bench)), []),
        "codecs": lambda: codecs(bench),
        "stages": lambda: with_table(stages.measure(bench), stages.table),
        "allocations": lambda: with_table(allocations.measure(bench), allocations.table),
        "scale": lambda: with_table(growth.measure(bench), growth.table),
        "overload": lambda: with_table(overload.measure(bench), overload.table),
    }
    if {"p6", "p8"} & set(rows):
        for row, found in stored.measure(bench, rows).items():
            yield row, found, []
    for row, act in alone.items():
        if row in rows:
            yield row, *act()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--engaged")
    parser.add_argument("--file", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--plot")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", required=True)
    parser.add_argument("rows", nargs="+")
    args = parser.parse_args()
    bench = Bench(args)
    machine = {"cores": os.cpu_count(), "kernel": platform.release(), "machine": platform.machine()}
    out = {"machine": machine, "events": bench.events, "bytes": bench.bytes, "rounds": args.rounds}
    print("%d events, %d bytes (%.0f a line), %d cores, %d rounds, medians\n" % (
        bench.events, bench.bytes, bench.bytes / bench.events, machine["cores"], args.rounds), flush=True)
    judged = []
    for row, found, table in measured(bench, args.rows):
        out[row] = found
        judged += found.get("verdicts", [])
        # As they come: a run of all rows takes an hour.
        print("\n".join(table), end="\n" if table else "", flush=True)
        verdicts.write(args.json, out)
    judged.sort(key=lambda one: int(one["row"][1:]) if one["row"][1:].isdigit() else 99)
    out["verdicts"] = judged
    if judged:
        print("\n".join(verdicts.table(judged)))
    verdicts.write(args.json, out)
    say("figures as JSON:", args.json)


if __name__ == "__main__":
    main()
