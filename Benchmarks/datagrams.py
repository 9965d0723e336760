"""Row p4: datagrams a second without loss, beside a bare recvmmsg loop that counts and forgets.

The same sender offers the same lines to both, at the same rates, in turns; both ask for the same receive
buffer. Lost is what was sent and isn't counted as admitted: thrown away by the kernel, or refused.
"""
import json
import signal
import statistics
import subprocess
import time

from peer import free_port, generator, metric, scrape, spread
from verdicts import verdict

GOAL_RATE, SHARE = 300_000, 0.9
# Of the rate that was wanted: the sender does it.
REACHED = 0.95
MOST, STEPS, SECONDS = 600_000, 6, 3
BUFFER = 32 << 20


def offered(bench, port, rate, seconds):
    done = subprocess.run([bench.work + "/offer", "udp", str(port), bench.args.file, str(rate), str(seconds), "1"],
                          stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    sent = json.loads(done.stdout)
    return {"wanted": rate, "sent": sent["sent"], "rate": sent["sent"] / sent["answered_s"],
            "load": generator(sent["cpu_s"], sent["answered_s"])}


class Sink:
    def __init__(self, bench):
        self.bench, self.port = bench, free_port()

    def offer(self, rate, seconds):
        sink = subprocess.Popen([self.bench.work + "/sink", str(self.port), str(BUFFER)], stdout=subprocess.PIPE, text=True)
        try:
            sink.stdout.readline()
            one = offered(self.bench, self.port, rate, seconds)
            time.sleep(0.3)
            sink.send_signal(signal.SIGTERM)
            said = json.loads(sink.stdout.read())
        finally:
            sink.kill()
            sink.wait()
        self.buffer = said["buffer"]
        return {**one, "lost": one["sent"] - said["received"], "cpu_s_per_1m": said["cpu_s"] * 1e6 / max(1, said["received"])}

    def close(self):
        pass


class Daemon:
    def __init__(self, bench):
        self.bench, self.port, self.admin = bench, free_port(), free_port()
        self.log = open(bench.work + "/engaged.log", "w")
        self.peer = bench.daemon(self.port, self.log, admin=self.admin)

    def facts(self):
        text = scrape(self.admin)
        return {"in": metric(text, "engaged_events_accepted_total", transport="udp"),
                "refused": metric(text, "engaged_lines_rejected_total", transport="udp"),
                "cpu": metric(text, "process_cpu_seconds_total"),
                "behind": metric(text, "engaged_watermark_seq") - metric(text, "engaged_rollup_applied_seq"),
                "queued": metric(text, "engaged_journal_queue_batches"),
                "buffer": metric(text, "engaged_udp_receive_buffer_bytes")}

    def settled(self):
        """What is counted when nothing is under way any more, neither here nor in the socket."""
        deadline, last = time.monotonic() + 120, None
        while time.monotonic() < deadline:
            now = self.facts()
            if last and now["in"] == last["in"] and now["behind"] == 0 and now["queued"] == 0:
                return now
            last = now
            time.sleep(0.3)
        raise RuntimeError("engaged doesn't come to rest")

    def offer(self, rate, seconds):
        before = self.settled()
        one = offered(self.bench, self.port, rate, seconds)
        after = self.settled()
        self.buffer = after["buffer"]
        got = after["in"] - before["in"]
        return {**one, "lost": one["sent"] - got, "refused": after["refused"] - before["refused"],
                "cpu_s_per_1m": (after["cpu"] - before["cpu"]) * 1e6 / max(1, got)}

    def close(self):
        self.peer.kill()
        self.log.close()


def lossless(receiver, most, steps, seconds):
    """The highest rate, as sent, of which nothing was lost, by halving the distance; and every probe."""
    best, low, high, probes = 0, 0, most, []
    for _ in range(steps):
        rate = (low + high) // 2
        one = receiver.offer(rate, seconds)
        probes.append(one)
        if one["lost"]:
            high = rate
        else:
            low, best = rate, max(best, one["rate"])
            if one["rate"] < REACHED * rate:
                break  # the sender can't do more
    return best, probes


def measure(bench):
    rounds = []
    seconds, steps = (1, 4) if bench.args.quick else (SECONDS, STEPS)
    for number in range(bench.args.rounds):
        one = {}
        for name, make in (("engaged", Daemon), ("sink", Sink)) if number % 2 == 0 else (("sink", Sink), ("engaged", Daemon)):
            receiver = make(bench)
            try:
                at_goal = receiver.offer(GOAL_RATE, seconds)
                best, probes = lossless(receiver, MOST, steps, seconds)
                one[name] = {"at_goal": at_goal, "lossless": best, "probes": probes, "buffer": receiver.buffer}
            finally:
                receiver.close()
            bench.say("round %d: %-8s %d datagrams/s without loss; at %d/s %d of %d lost, %.2f CPU-s per 1M" % (
                number + 1, name, best, at_goal["rate"], at_goal["lost"], at_goal["sent"], at_goal["cpu_s_per_1m"]))
        rounds.append(one)
    return rounds


def judge(rounds):
    def middle(name, key):
        return statistics.median(one[name]["at_goal"][key] for one in rounds)
    lost = spread(one["engaged"]["at_goal"]["lost"] / one["engaged"]["at_goal"]["sent"] for one in rounds)
    ratio = spread(one["engaged"]["lossless"] / max(1, one["sink"]["lossless"]) for one in rounds)
    best = {name: statistics.median(one[name]["lossless"] for one in rounds) for name in ("engaged", "sink")}
    reached = middle("engaged", "rate") >= REACHED * GOAL_RATE
    # A sender that sends less than it should is the limit, however little of the cores it got.
    load = [{**one["engaged"]["at_goal"]["load"], "limits": any(
        not probe["lost"] and probe["rate"] < REACHED * probe["wanted"]
        for name in one for probe in (one[name]["at_goal"], *one[name]["probes"]))} for one in rounds]
    return {"rounds": rounds, "lost_at_goal": lost, "ratio": ratio, "verdicts": [verdict(
        "P4", "datagrams/s without loss; a bare recvmmsg loop's", "%d" % best["engaged"],
        "none lost at %d/s, or >= %.2f" % (GOAL_RATE, SHARE),
        ratio["median"] >= SHARE or reached and lost["median"] == 0, "%d" % best["sink"], ratio, load,
        "asked for %d/s the sender sent %d/s, of which engaged lost %.2f %% (%.2f-%.2f), the bare loop %.2f %%" % (
            GOAL_RATE, middle("engaged", "rate"), *(100 * lost[k] for k in ("median", "least", "most")),
            100 * statistics.median(one["sink"]["at_goal"]["lost"] / one["sink"]["at_goal"]["sent"] for one in rounds)))]}


def table(p4):
    lines = ["p4  datagrams of one line, offered at %d/s" % GOAL_RATE,
             "| | sent/s | lost | CPU-s per 1M | highest rate without loss | receive buffer MiB |", "|---|--:|--:|--:|--:|--:|"]
    for name in ("engaged", "sink"):
        all_of = [one[name] for one in p4["rounds"]]
        lines.append("| %s | %d | %.2f %% | %.2f | %d | %d |" % (
            name, statistics.median(one["at_goal"]["rate"] for one in all_of),
            100 * statistics.median(one["at_goal"]["lost"] / one["at_goal"]["sent"] for one in all_of),
            statistics.median(one["at_goal"]["cpu_s_per_1m"] for one in all_of),
            statistics.median(one["lossless"] for one in all_of), all_of[0]["buffer"] / (1 << 20)))
    return lines + [""]
