"""Row p12: how far the counters are behind the newest acknowledgement while as much comes in as is taken."""
import statistics
import threading
import time

import scale
from bench import CONNECTIONS
from peer import free_port, generator, metric, scrape
from verdicts import verdict

CUSTOMERS, GOAL_S, EVERY_S = 50_000, 2, 0.1
EVENTS = 3_000_000


def measure(bench):
    events = bench.events if bench.args.quick else EVENTS
    file = bench.args.file if bench.args.quick else scale.events_of(bench, CUSTOMERS, events)
    return [once(bench, file, events) for _ in range(bench.args.rounds)]


def once(bench, file, events):
    port, admin = free_port(), free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, admin=admin)
        try:
            sent = {}
            sender = threading.Thread(target=lambda: sent.update(bench.send(port, "acks", file)))
            lags, behind = [], []
            sender.start()
            while sender.is_alive():
                text = scrape(admin)
                lags.append(metric(text, "engaged_rollup_lag_seconds"))
                behind.append(metric(text, "engaged_watermark_seq") - metric(text, "engaged_rollup_applied_seq"))
                time.sleep(EVERY_S)
            sender.join()
            acked = time.monotonic()
            # Not by what the daemon says of itself: by what a reader of the ledger finds.
            while scale.counted(bench.data) < events:
                time.sleep(0.02)
            after = time.monotonic() - acked
            peer.stop()
        finally:
            peer.kill()
    one = {"lag_s": max(lags), "median_s": statistics.median(lags), "behind": max(behind), "after_s": after,
           "per_s": events / sent["done_s"], "load": generator(sent["cpu_s"], sent["done_s"], CONNECTIONS)}
    bench.say("counters at most %.2f s behind at %d events/s, the last ones %.2f s after their ack" % (
        one["lag_s"], one["per_s"], after))
    return one


def judge(rounds):
    worst = max(max(one["lag_s"], one["after_s"]) for one in rounds)
    return {"rounds": rounds, "verdicts": [verdict(
        "P12", "s that counters are behind the newest ack, full load, worst of all rounds", "%.2f" % worst,
        "<= %d" % GOAL_S, worst <= GOAL_S, load=[one["load"] for one in rounds],
        note="at %d events/s; usually %.2f s behind" % (
            statistics.median(one["per_s"] for one in rounds), statistics.median(one["median_s"] for one in rounds)))]}
