"""Row p7: how long a line waits for its ack at a steady rate, beside the disk's own latency."""
import glob
import json
import statistics
import subprocess

from peer import free_port, generator, spread
from verdicts import verdict

RATE = 50000
CONNECTIONS = 10
LINGER_MS = 5
PROBE_SECONDS = 10


def output(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, timeout=600)
    if done.returncode:
        raise RuntimeError("%s failed" % command[0])
    return json.loads(done.stdout)


def members(folder):
    """Sizes of the members that hold lines: what the daemon wrote before each sync."""
    sizes = []
    for path in glob.glob(folder + "/*"):
        with open(path, "rb") as f:
            stored = f.read()
        at = 0
        while at < len(stored):
            size = int.from_bytes(stored[at + 20:at + 24], "little")
            if stored[at + 17] == 1:
                sizes.append(size)
            at += size
    return sizes


def measure(bench):
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log)
        try:
            acks = output(bench.work + "/pace", port, bench.args.file, CONNECTIONS, RATE)
            cpu, _ = peer.stop()
        finally:
            peer.kill()
    if peer.process.returncode:
        raise RuntimeError("engaged ended with exit code %d" % peer.process.returncode)
    sizes = members(bench.data + "/segments")
    rate = len(sizes) / acks["seconds"]
    disk = output(bench.work + "/sync", bench.work + "/probe", int(statistics.mean(sizes)), rate,
                  int(rate * PROBE_SECONDS))
    return {"acks": acks, "disk": disk, "cpu_s_per_1m": cpu * 1e6 / acks["lines"]}


def judge(rounds):
    kinds = ("p50", "p99", "max")
    result = {
        "engaged_ms": {k: spread(r["acks"]["wait_ms"][k] for r in rounds) for k in kinds},
        "sender_late_ms": {k: spread(r["acks"]["late_ms"][k] for r in rounds) for k in kinds},
        "disk_ms": {k: spread(r["disk"][k] for r in rounds) for k in kinds},
        "disk_due_ms": {k: spread(r["disk"]["due"][k] for r in rounds) for k in kinds},
        "limit_p99_ms": spread(LINGER_MS + 2 * r["disk"]["p99"] for r in rounds),
        "syncs_per_s": spread(r["disk"]["rate"] for r in rounds),
        "member_bytes": spread(r["disk"]["bytes"] for r in rounds),
    }
    result["rounds_within"] = sum(
        r["acks"]["wait_ms"]["p50"] <= 5
        and r["acks"]["wait_ms"]["p99"] <= LINGER_MS + 2 * r["disk"]["p99"] for r in rounds)
    result["rounds"] = len(rounds)
    result["met"] = (result["engaged_ms"]["p50"]["median"] <= 5
                     and result["engaged_ms"]["p99"]["median"] <= result["limit_p99_ms"]["median"])
    ours, limit = result["engaged_ms"], result["limit_p99_ms"]
    load = [generator(r["acks"]["cpu_s"], r["acks"]["seconds"]) for r in rounds]
    result["verdicts"] = [
        verdict("P7", "ms until acknowledged at %d events/s, p50" % RATE, "%.2f" % ours["p50"]["median"], "<= 5",
                ours["p50"]["median"] <= 5, load=load),
        verdict("P7", "the same, p99; the disk's own sync", "%.2f" % ours["p99"]["median"],
                "<= %d + 2 x the disk's = %.2f" % (LINGER_MS, limit["median"]), ours["p99"]["median"] <= limit["median"],
                "%.2f" % result["disk_ms"]["p99"]["median"],
                spread(r["acks"]["wait_ms"]["p99"] / r["disk"]["p99"] for r in rounds))]
    return result


def table(p7):
    def row(name, quantiles):
        cells = ["%.2f (%.2f-%.2f)" % tuple(quantiles[k].values()) for k in ("p50", "p99", "max")]
        return "| %s | %s |" % (name, " | ".join(cells))
    return [
        "p7  waiting for an ack at %d events/s, %d connections, ms" % (RATE, CONNECTIONS),
        "| | p50 | p99 | max |", "|---|--:|--:|--:|",
        row("engaged: due until acknowledged", p7["engaged_ms"]),
        row("the sender's own delay, included", p7["sender_late_ms"]),
        row("the disk: append and fdatasync, %d bytes, %d a second" % (
            p7["member_bytes"]["median"], p7["syncs_per_s"]["median"]), p7["disk_ms"]),
        row("the same for who comes at a steady rate", p7["disk_due_ms"]),
        "goal: p50 5 ms or less, p99 linger (%d ms) and 2 x the disk's p99 (%.2f ms) or less: %s, %d of %d rounds" % (
            LINGER_MS, p7["limit_p99_ms"]["median"], "met" if p7["met"] else "MISSED", p7["rounds_within"],
            p7["rounds"]), ""]
