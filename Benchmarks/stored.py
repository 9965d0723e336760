"""Rows p6 and p8: what becomes of the segments of one load: replayed, and their size beside gzip's."""
import glob
import os
import shutil
import subprocess

import lines
from peer import free_port, ratios, run_cost, spread
from verdicts import at_least, at_most, verdict

GOAL_PER_S, SHARE = 1_500_000, 0.5


def fill(bench):
    """All events as a busy daemon stores them, the daemon stopped again: bytes of the segments."""
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log)
        try:
            bench.send(port, "acks")
            lines.wait_counted(bench, bench.data)
            peer.stop()
        finally:
            peer.kill()
    return size(bench)


def segments(bench):
    return sorted(glob.glob(bench.data + "/segments/*"))


def size(bench):
    return sum(map(os.path.getsize, segments(bench)))


def inflate(bench):
    """`igzip -d` of the same files, its output thrown away: the quickest bare inflate there is."""
    cpu, wall, _ = run_cost(["igzip", "-d", "-c", *segments(bench)], stdout=subprocess.DEVNULL)
    return {"per_s": bench.events / wall, "cpu_s_per_1m": bench.per_million(cpu)}


def replay(bench):
    cpu, wall, peak = run_cost([bench.args.engaged, "replay", "--data", bench.data, "--open-site", "shop"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {"per_s": bench.events / wall, "cpu_s_per_1m": bench.per_million(cpu), "peak_mib": peak}


def p6(bench):
    results = {"replay": [], "inflate": []}
    for number in range(bench.args.rounds):
        for name, act in (("replay", replay), ("inflate", inflate))[::1 if number % 2 == 0 else -1]:
            results[name].append(act(bench))
            one = results[name][-1]
            bench.say("round %d: %-8s %d events/s, %.2f CPU-s per 1M" % (number + 1, name, one["per_s"], one["cpu_s_per_1m"]))
    ratio, mine, bare = ratios(results, "per_s", "replay", "inflate"), *(
        spread(one["per_s"] for one in results[name]) for name in ("replay", "inflate"))
    return {"results": results, "ratio": ratio, "verdicts": [verdict(
        "P6", "events/s replayed; igzip -d inflates", "%d" % mine["median"], ">= %d, or >= %.2f" % (GOAL_PER_S, SHARE),
        mine["median"] >= GOAL_PER_S or at_least(ratio, SHARE), "%d" % bare["median"], ratio)]}


def packed(bench):
    """Bytes of the same stored lines in one file, by gzip's quickest and its best level."""
    plain = bench.work + "/stored.ndjson"
    with open(plain, "wb") as f:
        subprocess.run(["gzip", "-dc", *segments(bench)], stdout=f, check=True)
    try:
        return {level: int(subprocess.run("gzip -%d -c '%s' | wc -c" % (level, plain), shell=True, check=True,
                                          capture_output=True).stdout) for level in (1, 9)}
    finally:
        os.unlink(plain)


def can_recompact(bench):
    return subprocess.run([bench.args.engaged, "help", "recompact"], capture_output=True).stdout.find(b"recompact") >= 0


def p8(bench, sealed):
    gzip = packed(bench)
    each = {"sealed": sealed, **{"gzip -%d" % level: bytes for level, bytes in gzip.items()}}
    against_quick = spread([sealed / gzip[1]])
    out = [verdict("P8", "bytes per event as sealed; gzip -1 in one file", "%.1f" % (sealed / bench.events), "<= 1.05",
                   at_most(against_quick, 1.05), "%.1f" % (gzip[1] / bench.events), against_quick)]
    best = "%.1f" % (gzip[9] / bench.events)
    if can_recompact(bench):
        subprocess.run([bench.args.engaged, "recompact", "--data", bench.data], check=True, stdout=subprocess.DEVNULL)
        each["recompacted"] = size(bench)
        against_best = spread([each["recompacted"] / gzip[9]])
        out.append(verdict("P8", "recompacted; gzip -9 in one file", "%.1f" % (each["recompacted"] / bench.events), "<= 1",
                           at_most(against_best, 1), best, against_best))
    else:
        out.append(verdict("P8", "recompacted; gzip -9 in one file", "", "<= 1", False, best,
                           note="this build has no `engaged recompact`"))
    return {"bytes": each, "verdicts": out}


def measure(bench, rows):
    """One load serves both; what p8 changes it changes last."""
    sealed = fill(bench)
    found = {}
    if "p6" in rows:
        found["p6"] = p6(bench)
    if "p8" in rows:
        found["p8"] = p8(bench, sealed)
    shutil.rmtree(bench.data, ignore_errors=True)
    return found
