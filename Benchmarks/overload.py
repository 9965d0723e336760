"""Twice what the daemon can take, on each transport: is memory bounded, is every line accounted for, and does
it recover without help?

What it can take: by TCP and HTTP what it stores and counts when senders offer as much as is taken; by UDP the
highest rate of which nothing is lost. A TCP or HTTP sender that is held back leaves lines unsent, and any that gets
too little of the cores: they are still its own, and listed. Every other line offered must be acknowledged, refused with a reason, or counted
as the kernel's loss.
"""
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request

import datagrams
import latency
from peer import free_port, generator, memory, metric, scrape
from verdicts import verdict

TRANSPORTS, CONNECTIONS, GOAL_LAG_S = ("tcp", "http", "udp"), 16, 2
MEMORY_BYTES = 1 << 30
LOSSLESS_STEPS = 6


def offer(bench, transport, port, rate, seconds):
    done = subprocess.run([bench.work + "/offer", transport, str(port), bench.args.file, str(int(rate)), str(seconds),
                           str(CONNECTIONS)], stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 240)
    return json.loads(done.stdout)


class Watched:
    """A daemon, what it says of itself, and the most memory it had."""

    def __init__(self, bench):
        self.bench, self.port, self.admin = bench, free_port(), free_port()
        self.log = open(bench.work + "/engaged.log", "w")
        self.peer = bench.daemon(self.port, self.log, admin=self.admin, more=["--set", "memory_bytes=%d" % MEMORY_BYTES])
        self.pid = self.peer.process.pid
        self.lags = []

    def facts(self):
        text = scrape(self.admin)
        self.lags.append(metric(text, "engaged_rollup_lag_seconds"))
        refused = {}
        for line in text.splitlines():
            if line.startswith("engaged_lines_rejected_total{"):
                reason = line.split('reason="')[1].split('"')[0]
                refused[reason] = refused.get(reason, 0) + float(line.rsplit(" ", 1)[1])
        return {"taken": metric(text, "engaged_events_accepted_total"), "refused": refused,
                "lost": metric(text, "engaged_udp_kernel_drops_total"),
                "counted": metric(text, "engaged_rollup_applied_total") + metric(text, "engaged_rollup_duplicates_total"),
                "lag": self.lags[-1], "queued": metric(text, "engaged_journal_queue_batches"),
                "behind": metric(text, "engaged_watermark_seq") - metric(text, "engaged_rollup_applied_seq")}

    def rests(self, patience=600):
        """Seconds until nothing waits any more, and what is counted then."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            now = self.facts()
            if now["lag"] < GOAL_LAG_S and now["behind"] == 0 and now["queued"] == 0:
                return time.monotonic() - began, now
            time.sleep(0.2)
        raise RuntimeError("engaged doesn't come to rest within %d s" % patience)

    def close(self):
        self.peer.kill()
        self.log.close()


def sustainable(bench, transport, seconds):
    if transport == "udp":
        daemon = datagrams.Daemon(bench)
        try:
            return datagrams.lossless(daemon, datagrams.MOST, 4 if bench.args.quick else LOSSLESS_STEPS, seconds)[0]
        finally:
            daemon.close()
    daemon = Watched(bench)
    try:
        sent = offer(bench, transport, daemon.port, 0, seconds)
        waited, _ = daemon.rests()
        # What was stored but not yet counted isn't sustained.
        return sent["taken"] / (sent["answered_s"] + max(0, waited - GOAL_LAG_S))
    finally:
        daemon.close()


def grown(after, before):
    return {reason: after.get(reason, 0) - before.get(reason, 0) for reason in after if after[reason] != before.get(reason, 0)}


def flood(bench, transport, rate, seconds):
    daemon = Watched(bench)
    try:
        before, sent = daemon.facts(), {}
        sender = threading.Thread(target=lambda: sent.update(offer(bench, transport, daemon.port, rate, seconds)))
        sender.start()
        while sender.is_alive():
            daemon.facts()
            time.sleep(0.25)
        sender.join()
        if transport == "udp":
            # The kernel's count of its losses comes with the next look at the socket.
            time.sleep(2)
        recovered, after = daemon.rests()
        afterwards = normal(bench, daemon)
        one = {"offered_per_s": rate, "offered": sent["offered"], "sent": sent["sent"],
               "unsent": max(0, sent["offered"] - sent["sent"]),
               "taken": after["taken"] - before["taken"], "refused": grown(after["refused"], before["refused"]),
               "lost_by_kernel": after["lost"] - before["lost"], "unanswered": sent["unanswered"] if transport != "udp" else 0,
               "sender_says": {"taken": sent["taken"], "refused": sent["refused"]},
               "peak_mib": memory(daemon.pid, "VmHWM"), "lag_s": max(daemon.lags), "recovered_s": recovered,
               "afterwards": afterwards, "load": generator(sent["cpu_s"], sent["seconds"])}
    finally:
        daemon.close()
    one["silent"] = silent(transport, one)
    return one


def silent(transport, one):
    """Lines of which nobody says what became of them. Over UDP the daemon's and the kernel's counts are all there is;
    over TCP and HTTP the sender's books must agree with the daemon's: what isn't answered is the sender's to send again,
    whether it was taken or not."""
    refused = sum(one["refused"].values())
    if transport == "udp":
        return abs(one["sent"] - one["taken"] - refused - one["lost_by_kernel"])
    told, open_ends = one["sender_says"], one["unanswered"]
    return (max(0, told["taken"] - one["taken"], one["taken"] - told["taken"] - open_ends)
            + max(0, refused - sum(told["refused"].values()) - open_ends))


def normal(bench, daemon):
    """The same process, asked again: ms for an ack at 1,000 lines/s, whether HTTP answers, and whether it is ready."""
    acks = latency.output(bench.work + "/pace", daemon.port, short(bench), 2, 1000)
    body = b'{"type":"page_view","customer":"after","url":"https://shop.example/"}'
    with urllib.request.urlopen("http://127.0.0.1:%d/v1/events" % daemon.port, body, timeout=10) as answer:
        status = answer.status
    try:
        with urllib.request.urlopen("http://127.0.0.1:%d/readyz" % daemon.admin, timeout=10) as answer:
            ready = answer.status == 200
    except urllib.error.HTTPError:
        ready = False
    return {"ack_p50_ms": acks["wait_ms"]["p50"], "ack_p99_ms": acks["wait_ms"]["p99"], "http": status, "ready": ready}


def short(bench):
    """A few lines, so that the look afterwards takes some seconds."""
    path = bench.work + "/few.ndjson"
    with open(bench.args.file, "rb") as whole, open(path, "wb") as part:
        part.writelines(line for line, _ in zip(whole, range(4000)))
    return path


def measure(bench):
    seconds, probe = (5, 2) if bench.args.quick else (bench.args.seconds, 10)
    found = {}
    for transport in TRANSPORTS:
        rate = sustainable(bench, transport, probe)
        bench.say("%s: takes %d events/s, offering %d for %d s" % (transport, rate, 2 * rate, seconds))
        found[transport] = {"sustainable_per_s": rate, **flood(bench, transport, 2 * rate, seconds)}
    limit = MEMORY_BYTES / (1 << 20)
    out = []
    for transport, one in found.items():
        name = "%s at twice its rate: " % transport
        after = one["afterwards"]
        out += [verdict("overload", name + "MiB resident at most", "%d" % one["peak_mib"], "<= %d" % limit,
                        one["peak_mib"] <= limit, load=one["load"]),
                verdict("overload", name + "lines that nobody accounts for", "%d" % one["silent"], "0", one["silent"] == 0),
                verdict("overload", name + "s until counters are less than %d s behind and nothing waits" % GOAL_LAG_S,
                        "%.1f" % one["recovered_s"], "without help, answers normal", after["http"] == 200 and after["ready"],
                        note="%s afterwards: acks p50 %.1f ms, p99 %.1f ms" % (
                            transport, after["ack_p50_ms"], after["ack_p99_ms"]))]
    return {"seconds": seconds, "transports": found, "verdicts": out}


def table(found):
    lines = ["overload  twice the sustainable rate for %d s" % found["seconds"],
             "| | takes/s | offered/s | offered | unsent | taken | refused | lost, counted | silent | peak MiB | lag s | recovered s |",
             "|---|--:|--:|--:|--:|--:|---|--:|--:|--:|--:|--:|"]
    for transport, one in found["transports"].items():
        told = one["refused"] if transport == "udp" else one["sender_says"]["refused"]
        refused = ", ".join("%s %d" % pair for pair in sorted(told.items())) or "0"
        lines.append("| %s | %d | %d | %d | %d | %d | %s | %d | %d | %d | %.1f | %.1f |" % (
            transport, one["sustainable_per_s"], one["offered_per_s"], one["offered"], one["unsent"], one["taken"], refused,
            one["lost_by_kernel"], one["silent"], one["peak_mib"], one["lag_s"], one["recovered_s"]))
    return lines + [""]
