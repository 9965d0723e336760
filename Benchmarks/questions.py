"""Row p9: the analysts' questions on a large ledger, from the views and from the summary."""
import os
import re
import sqlite3
import statistics
import subprocess
import threading
import time

import latency
import scale
from peer import run_cost
from verdicts import verdict

PAGE = os.path.dirname(os.path.abspath(__file__)) + "/../docs/questions.md"
CUSTOMERS, EVENTS_EACH = 1_000_000, 10
GOAL_MS, RATE, FLOOD_EVENTS = 10, 50_000, 1_500_000
PATIENCE_S = 60
ROUNDS = 7
# Answers that grow with the customers: what is shown of them at once.
PAGE_ROWS = 1000


def questions():
    """Number, words and SQL of every question of the page."""
    found = []
    for part in re.split(r"\n## ", open(PAGE, encoding="utf-8").read())[1:]:
        head = re.match(r"(\d+)\. (.*)", part)
        sql = re.search(r"```sql\n(.*?)```", part, re.S)
        if head and sql:
            found.append((int(head[1]), head[2], sql[1]))
    return found


def tables():
    """The summary's table of each question: (name, LIMIT or "")."""
    page = open(os.path.dirname(PAGE) + "/../schemas/summary.md", encoding="utf-8").read()
    named = re.findall(r"\n## `(\w+)`\n\nQuestion (\d+)", page)
    return {int(number): (name, " LIMIT 50" if name == "issues" else "") for name, number in named}


def reader(path):
    """As the sqlite3 shell opens it: 2 MiB of page cache, no mmap."""
    return sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=10)


def ask(connection, sql):
    """(rows, ms) of one question, all of its rows fetched; None for ms: given up."""
    began = time.perf_counter()
    connection.set_progress_handler(lambda: time.perf_counter() - began > PATIENCE_S, 1_000_000)
    try:
        rows = len(connection.execute(sql).fetchall())
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return 0, None
        raise
    return rows, (time.perf_counter() - began) * 1e3


def warm(connection, sql, rounds=ROUNDS):
    """Rows, and the median of the times after a first one; slow ones aren't asked again."""
    rows, took = ask(connection, sql)
    if took is None or took > 1e3:
        return rows, took
    return rows, statistics.median(ask(connection, sql)[1] for _ in range(rounds))


def summarize(bench, data):
    cpu, wall, peak = run_cost([bench.args.engaged, "summarize", "--data", data], stdout=subprocess.DEVNULL)
    return {"s": wall, "cpu_s": cpu, "peak_mib": peak, "bytes": os.path.getsize(data + "/summary.sqlite")}


def measure(bench):
    data = scale.crowded(bench, CUSTOMERS, CUSTOMERS * EVENTS_EACH)
    live = scale.crowd(bench, CUSTOMERS, FLOOD_EVENTS, seed=2)
    made = summarize(bench, data)
    known = tables()
    result = {"customers": CUSTOMERS, "events": CUSTOMERS * EVENTS_EACH, "ledger_bytes": os.path.getsize(
        data + "/ledger.sqlite"), "summary": made, "questions": {}}
    ledger, summary = reader(data + "/ledger.sqlite"), reader(data + "/summary.sqlite")
    for number, words, sql in questions():
        table, limit = known[number]
        rows, view = warm(ledger, sql)
        mine = "SELECT * FROM %s ORDER BY rowid%s" % (table, limit)
        rows, short = warm(summary, mine)
        first = warm(summary, mine + " LIMIT %d" % PAGE_ROWS)[1] if rows > PAGE_ROWS else None
        result["questions"][number] = {"words": words, "table": table, "rows": rows, "view_ms": view,
                                       "summary_ms": short, "page_ms": first}
        bench.say("question %d: %s ms from the views, %.2f from the summary" % (
            number, "more than %d000" % PATIENCE_S if view is None else round(view, 1), short))
    flooded(bench, data, live, summary, known, result)
    return result


def flooded(bench, data, live, summary, known, result):
    """The same from the summary while events flow in."""
    port = latency.free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log, data=data)
        try:
            sent = {}
            sender = threading.Thread(target=lambda: sent.update(latency.output(
                bench.work + "/pace", port, live, latency.CONNECTIONS, RATE)))
            sender.start()
            time.sleep(2)
            times = {number: [] for number in result["questions"]}
            while sender.is_alive():
                for number, one in result["questions"].items():
                    table, limit = known[number]
                    limit = " LIMIT %d" % PAGE_ROWS if one["page_ms"] is not None else limit
                    times[number].append(ask(summary, "SELECT * FROM %s ORDER BY rowid%s" % (table, limit))[1])
            sender.join()
            counted = reader(data + "/ledger.sqlite").execute("SELECT SUM(applied) FROM rollup_progress").fetchone()[0]
            result["flood"] = {"events": sent["lines"], "seconds": sent["seconds"], "behind": max(
                0, result["events"] + sent["lines"] - counted), "ack_p99_ms": sent["wait_ms"]["p99"]}
        finally:
            peer.kill()
    for number, one in result["questions"].items():
        all_of_it = sorted(times[number])
        one["flood_ms"] = statistics.median(all_of_it)
        one["flood_p99_ms"] = all_of_it[len(all_of_it) * 99 // 100]


def table(p9):
    def ms(value):
        return "> %d000" % PATIENCE_S if value is None else "%.2f" % value if value < 100 else "%.0f" % value
    made, flood = p9["summary"], p9["flood"]
    lines = ["p9  the questions at %d customers, %d events (ledger %d MB), ms, all rows fetched" % (
        p9["customers"], p9["events"], p9["ledger_bytes"] // 10**6),
        "| | rows | from the views | from the summary | while %d events/s flow in: median, p99 | less than %d ms |" % (RATE, GOAL_MS),
        "|---|--:|--:|--:|--:|---|"]
    for number, one in p9["questions"].items():
        met = "views" if one["view_ms"] is not None and one["view_ms"] < GOAL_MS else ""
        if not met and one["summary_ms"] < GOAL_MS and one["flood_ms"] < GOAL_MS:
            met = "summary"
        if not met and one["page_ms"] is not None and one["flood_ms"] < GOAL_MS:
            met = "its first %d rows, from the summary" % PAGE_ROWS
        one["met"] = met
        lines.append("| %d %s | %d | %s | %s | %s, %s | %s |" % (
            number, one["table"], one["rows"], ms(one["view_ms"]), ms(one["summary_ms"]), ms(one["flood_ms"]),
            ms(one["flood_p99_ms"]), met or "MISSED"))
    answered, asked = sum(bool(q["met"]) for q in p9["questions"].values()), len(p9["questions"])
    p9["verdicts"] = [verdict("P9", "questions answered in less than %d ms at %d customers" % (GOAL_MS, p9["customers"]),
                              "%d of %d" % (answered, asked), "all", answered == asked)]
    lines += ["the summary: made in %.0f s, %.1f CPU-s, %d MiB of memory, %.0f MB" % (
        made["s"], made["cpu_s"], made["peak_mib"], made["bytes"] / 1e6),
        "the flood: %d events in %.1f s, ack p99 %.1f ms, at its end the counters were %d events behind" % (
            flood["events"], flood["seconds"], flood["ack_p99_ms"], flood["behind"]),
        "goal: less than %d ms: %d of %d" % (GOAL_MS, sum(bool(q["met"]) for q in p9["questions"].values()),
                                            len(p9["questions"])), ""]
    return lines
