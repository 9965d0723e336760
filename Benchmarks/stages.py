"""Instructions per event by stage: the daemon under callgrind, after a warm-up, fed over TCP.

User instructions only: what the kernel does for a receive, a write or a sync isn't among them. valgrind
runs one thread at a time and knows AVX2 but no AVX-512, for which ISA-L has other code.
"""
import glob
import itertools
import os
import shutil
import subprocess
import time

import callgrind
import scale
from peer import free_port

BEFORE, AFTER = ("receive", "scan", "gates", "stamp", "seal", "write", "other"), ("fold", "apply")
WARM, EVENTS = 20_000, 60_000
KNOWN, COUNTED = 300_000, 200_000
TOP = 25


def cut(bench, first, count, name):
    path = bench.work + "/" + name
    with open(bench.args.file, "rb") as whole, open(path, "wb") as part:
        part.writelines(itertools.islice(whole, first, first + count))
    return path


def wait_counted(data, events):
    deadline = time.monotonic() + 600
    while scale.counted(data) < events:
        if time.monotonic() > deadline:
            raise RuntimeError("the daemon under callgrind doesn't count its events")
        time.sleep(0.5)


def profiled(bench, act, listens_after, **options):
    """What callgrind saw of a daemon while `act(port, control)` ran: callgrind.stages of it."""
    out, port, stripped = bench.work + "/callgrind.out", free_port(), bench.work + "/engaged-stripped"
    for old in glob.glob(out + "*"):
        os.unlink(old)
    subprocess.run(["objcopy", "--strip-debug", bench.args.engaged, stripped], check=True)
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, patience=listens_after, program=stripped, preload=bench.work + "/sigsuspend.so", under=[
            "valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, "--dump-instr=yes", "--compress-pos=no",
            *options.pop("callgrind", ())], **options)
        try:
            act(port, lambda *words: subprocess.run(["callgrind_control", *words, str(peer.process.pid)], check=True,
                                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        finally:
            peer.kill()
    found, functions = {}, []
    for path in glob.glob(out + "*"):
        if os.path.getsize(path):
            one, top = callgrind.stages(path, stripped, bench.args.engaged)
            found = {stage: found.get(stage, 0) + one.get(stage, 0) for stage in {*found, *one}}
            functions += top
        os.unlink(path)
    os.unlink(stripped)
    return found, functions


def live(bench, events):
    """Everything up to the disk, of lines that come over TCP."""
    warm, steady = cut(bench, 0, WARM, "warm.ndjson"), cut(bench, WARM, events, "steady.ndjson")

    def act(port, control):
        bench.send(port, "acks", warm)
        wait_counted(bench.data, WARM)
        control("-i", "on")
        bench.send(port, "acks", steady)
        control("-d")
    return profiled(bench, act, 300, callgrind=["--instr-atstart=no"])


def counting(bench, known, events):
    """Fold and apply, in one transaction as a second of full load makes it: under callgrind, fifty times as
    slow, live ones would be small and dear. The ledger is set back and the daemon catches up at its start."""
    data = bench.work + "/caught-up"
    shutil.rmtree(data, ignore_errors=True)
    os.makedirs(data)
    scale.feed(bench, data, cut(bench, 0, known, "warm.ndjson"), known)
    shutil.copy(data + "/ledger.sqlite", bench.work + "/known.sqlite")
    scale.feed(bench, data, cut(bench, known, events, "steady.ndjson"), events)

    def start():
        return profiled(bench, lambda port, control: control("-d"), 900, data=data)

    try:
        # A start with nothing to catch up with costs something, too.
        bare, bare_functions = start()
        for suffix in ("-wal", "-shm"):
            if os.path.exists(data + "/ledger.sqlite" + suffix):
                os.unlink(data + "/ledger.sqlite" + suffix)
        os.replace(bench.work + "/known.sqlite", data + "/ledger.sqlite")
        found, functions = start()
    finally:
        shutil.rmtree(data)
    less = {(stage, function): cost for cost, stage, function in bare_functions}
    return ({stage: cost - bare.get(stage, 0) for stage, cost in found.items()},
            [(cost - less.get((stage, function), 0), stage, function) for cost, stage, function in functions])


def measure(bench):
    events, known, counted = (20_000, 50_000, 20_000) if bench.args.quick else (EVENTS, KNOWN, COUNTED)
    found, functions = live(bench, events)
    each = {stage: found.get(stage, 0) / events for stage in BEFORE}
    tops = [(cost / events, stage, function) for cost, stage, function in functions if stage in BEFORE]
    found, functions = counting(bench, known, counted)
    each |= {stage: found.get(stage, 0) / counted for stage in AFTER}
    tops += [(cost / counted, stage, function) for cost, stage, function in functions if stage in AFTER]
    tops = sorted(tops, reverse=True)[:TOP]
    for name in ("warm", "steady"):
        os.unlink("%s/%s.ndjson" % (bench.work, name))
    return {"events": events, "counted": counted, "per_event": each, "functions": [
        {"stage": stage, "function": name, "per_event": cost}
        for (cost, stage, _), name in zip(tops, demangled([function for _, _, function in tops]))], "verdicts": []}


def demangled(names):
    """Swift's names as they are written; others, and all where there is no Swift, as they are."""
    mangled = [name for name in names if name.startswith("$s")]
    try:
        done = subprocess.run(["swift", "demangle", "--compact", "--simplified", *mangled], capture_output=True, text=True)
    except FileNotFoundError:
        return names
    known = dict(zip(mangled, done.stdout.splitlines()))
    return [known.get(name, name) for name in names]


def table(found):
    each = found["per_event"]
    whole = sum(each.values())
    lines = ["stages  user instructions per event, %d events over TCP; fold and apply: %d events in one transaction" % (
        found["events"], found["counted"]),
             "| stage | instructions per event | share |", "|---|--:|--:|"]
    lines += ["| %s | %d | %.1f %% |" % (stage, each[stage], 100 * each[stage] / whole) for stage in (*BEFORE[:-1], *AFTER, BEFORE[-1])]
    lines += ["| all | %d | |" % whole, "", "| where most of them are | stage | per event |", "|---|---|--:|"]
    return lines + ["| %s | %s | %d |" % (one["function"].replace("|", "\\|")[:110], one["stage"], one["per_event"])
                    for one in found["functions"]] + [""]
