"""Rows p10 and p11: the daemon at rest, its start, and the tracker's size. Their goals are absolute."""
import os
import shutil
import socket
import subprocess
import time
import urllib.request

from peer import free_port, memory, spread
from verdicts import verdict

STARTS, IDLE_SECONDS = 10, 5
MB = 1e6


def start(bench):
    """(ms from the first instruction of the program to READY=1, ms to its port, MB then at rest)"""
    shutil.rmtree(bench.data, ignore_errors=True)
    port, path = free_port(), bench.work + "/notify"
    if os.path.exists(path):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices, open(bench.work + "/engaged.log", "w") as log:
        notices.bind(path)
        notices.settimeout(30)
        began = time.monotonic()
        process = subprocess.Popen(
            [bench.args.engaged, "serve", "--data", bench.data, "--listen", "127.0.0.1:%d" % port, "--admin",
             "127.0.0.1:%d" % free_port(), "--open-site", "shop"],
            stdout=log, stderr=log, env={**os.environ, "NOTIFY_SOCKET": path})
        try:
            while b"READY=1" not in notices.recv(4096):
                pass
            ready = (time.monotonic() - began) * 1e3
            socket.create_connection(("127.0.0.1", port), 5).close()
            time.sleep(IDLE_SECONDS if not bench.args.quick else 1)
            held = memory(process.pid) * (1 << 20) / MB
        finally:
            process.terminate()
            process.wait(60)
    os.unlink(path)
    return {"ready_ms": ready, "resident_mb": held}


def p10(bench):
    start(bench)  # reads the binary from the disk
    all_of = [start(bench) for _ in range(STARTS if not bench.args.quick else 3)]
    ready, held = (spread(one[key] for one in all_of) for key in ("ready_ms", "resident_mb"))
    shutil.rmtree(bench.data, ignore_errors=True)
    bench.say("READY after %.0f ms, %.1f MB at rest" % (ready["median"], held["median"]))
    return {"starts": all_of, "verdicts": [
        verdict("P10", "MB resident at rest", "%.1f (%.1f-%.1f)" % tuple(held.values()), "<= 30", held["median"] <= 30),
        verdict("P10", "ms from the start to READY, empty ledger, %d starts" % len(all_of),
                "%.0f (%.0f-%.0f)" % tuple(ready.values()), "<= 50", ready["median"] <= 50)]}


def p11(bench):
    """As a browser gets it."""
    port = free_port()
    with open(bench.work + "/engaged.log", "w") as log:
        peer = bench.daemon(port, log)
        try:
            wish = urllib.request.Request("http://127.0.0.1:%d/e.js" % port, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(wish, timeout=10) as answer:
                if answer.headers["Content-Encoding"] != "gzip":
                    raise RuntimeError("the tracker isn't served gzip'd")
                size = len(answer.read())
        finally:
            peer.kill()
    return {"bytes": size, "verdicts": [
        verdict("P11", "bytes of the tracker, gzip'd, as served", "%d" % size, "< 1000", size < 1000)]}
