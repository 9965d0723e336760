"""Row p3: pixel and click requests a second beside nginx, which keeps a gzip'd access log.

wrk asks over keep-alive connections on the same cores, in turns. nginx runs as one process (no
master), as engaged has one lane on two cores. Both answer before the disk has the line; engaged then
syncs it: its own histogram says how many batches were on disk within 50 ms of being read.
"""
import glob
import gzip
import os
import re
import resource
import shutil
import statistics
import subprocess
import time
import urllib.request

from peer import generator
from verdicts import at_least, verdict

CONNECTIONS = 64
SECONDS = 5
TARGET = "https://shop.example/boots"
PIXEL = "/p.gif?site=shop&customer=c-17&url=https%3A%2F%2Fshop.example%2Fboots"

NGINX = """daemon off; master_process off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {work}/nginx-access.log.gz combined gzip=1 buffer=256k flush=1s;
  keepalive_requests 1000000000;
  client_body_temp_path {work}/nginx-body; proxy_temp_path {work}/nginx-proxy; fastcgi_temp_path {work}/nginx-fastcgi;
  uwsgi_temp_path {work}/nginx-uwsgi; scgi_temp_path {work}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /p.gif {{ empty_gif; }}
    location /c/ {{ return 302 {target}; }}
  }}
}}
"""


def ask(port, path):
    """Requests a second, how many in all, and what asking took."""
    url = "http://127.0.0.1:%d%s" % (port, path)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["wrk", "-t1", "-c%d" % CONNECTIONS, "-d%ds" % SECONDS, url],
                          stdout=subprocess.PIPE, text=True, check=True, timeout=120)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError("not all requests were answered:\n" + done.stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]), requests, generator(cpu, SECONDS)


def nginx(bench, peer, port_of, path):
    port = port_of()
    config = bench.work + "/nginx.conf"
    with open(config, "w") as f:
        f.write(NGINX.format(work=bench.work, port=port, target=TARGET))
    with open(bench.work + "/nginx.log", "w") as log:
        process = peer(["nginx", "-c", config, "-e", bench.work + "/nginx-error.log"], port, log)
        try:
            rate, requests, load = ask(port, path)
            cpu, peak = process.stop()
        finally:
            process.kill()
    return {"per_s": rate, "cpu_s_per_1m": cpu * 1e6 / requests, "peak_mib": peak, "load": load}


def within(metrics, seconds):
    """The share of batches that were on disk in time."""
    buckets = dict(re.findall(r'engaged_ack_latency_seconds_bucket\{le="([^"]+)"\} (\d+)', metrics))
    whole = int(buckets.pop("+Inf"))
    inside = max(int(n) for le, n in buckets.items() if float(le) <= seconds)
    return inside / max(1, whole)


def stored(data, kind):
    lines = 0
    for path in glob.glob(data + "/segments/*"):
        with gzip.open(path) as f:
            lines += sum(b'"type":"%s"' % kind in line for line in f)
    return lines


def engaged(bench, peer, port_of, path, kind):
    port, admin = port_of(), port_of()
    with open(bench.work + "/engaged.log", "w") as log:
        process = peer([bench.args.engaged, "serve", "--data", bench.data, "--open-site", "shop",
                        "--listen", "127.0.0.1:%d" % port, "--admin", "127.0.0.1:%d" % admin], port, log)
        try:
            rate, requests, load = ask(port, path)
            with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % admin) as r:
                share = within(r.read().decode(), 0.05)
            cpu, peak = process.stop()
        finally:
            process.kill()
    # wrk leaves at its end without the last answers, which were taken all the same.
    lines = stored(bench.data, kind)
    if not requests <= lines <= requests + 2 * CONNECTIONS:
        raise RuntimeError("%d requests were answered, %d lines are stored" % (requests, lines))
    return {"per_s": rate, "cpu_s_per_1m": cpu * 1e6 / requests, "peak_mib": peak, "within_50_ms": share,
            "load": load}


def click_path(bench):
    """Makes a key and a link; the same token each time, as wrk asks for one address."""
    shutil.rmtree(bench.data, ignore_errors=True)
    where = ["--data", bench.data, "--open-site", "shop"]
    subprocess.run([bench.args.engaged, "keys", "rotate", *where], check=True, stdout=subprocess.DEVNULL)
    link = subprocess.run([bench.args.engaged, "link", *where, "--target", TARGET, "--newsletter", "weekly",
                           "--issue", "2026-11", "--customer", "c-17"], check=True, stdout=subprocess.PIPE, text=True)
    return "/c/" + link.stdout.strip().rsplit("/", 1)[1]


def measure(bench, peer, port_of):
    results = {name: [] for name in ("pixel", "empty_gif", "click", "return 302")}
    for number in range(bench.args.rounds):
        for name in results:
            path = click_path(bench)
            one = {"pixel": lambda: engaged(bench, peer, port_of, PIXEL, b"page_view"),
                   "click": lambda: engaged(bench, peer, port_of, path, b"newsletter_clicked"),
                   "empty_gif": lambda: nginx(bench, peer, port_of, "/p.gif"),
                   "return 302": lambda: nginx(bench, peer, port_of, path)}[name]()
            results[name].append(one)
            bench.say("round %d: %-10s %d requests/s" % (number + 1, name, one["per_s"]))
            for old in glob.glob(bench.work + "/nginx-access.log.gz"):
                os.unlink(old)
            time.sleep(0.5)
    return results


def judge(results):
    def ratio(key, ours, theirs):
        each = [a[key] / b[key] for a, b in zip(results[ours], results[theirs])]
        return {"median": statistics.median(each), "least": min(each), "most": max(each)}
    out = {"results": results}
    for ours, theirs in (("pixel", "empty_gif"), ("click", "return 302")):
        out[ours] = {"speed_ratio": ratio("per_s", ours, theirs), "cpu_ratio": ratio("cpu_s_per_1m", ours, theirs)}
    out["verdicts"] = []
    for ours, theirs, goal in (("pixel", "empty_gif", ">= 1"), ("click", "return 302", "")):
        rate = {name: statistics.median(one["per_s"] for one in results[name]) for name in (ours, theirs)}
        speed, share = out[ours]["speed_ratio"], statistics.median(one["within_50_ms"] for one in results[ours])
        out["verdicts"].append(verdict(
            "P3", "%s requests/s; nginx `%s`" % (ours, theirs), "%d" % rate[ours], goal,
            at_least(speed, 1) if goal else None, "%d" % rate[theirs], speed,
            [one["load"] for one in results[theirs]],
            "%s: %.1f %% of the batches on disk within 50 ms; %.2f times nginx's CPU" % (
                ours, 100 * share, out[ours]["cpu_ratio"]["median"])))
    return out


def table(judged):
    def middle(name, key):
        return statistics.median(one[key] for one in judged["results"][name])
    lines = ["p3  requests over %d keep-alive connections, nginx with a gzip'd access log" % CONNECTIONS,
             "| | requests/s | CPU-s per 1M | peak MiB | on disk within 50 ms |", "|---|--:|--:|--:|--:|"]
    for name in judged["results"]:
        share = "%.1f %%" % (100 * middle(name, "within_50_ms")) if name in ("pixel", "click") else ""
        lines += ["| %s %s | %d | %.1f | %d | %s |" % ("engaged" if share else "nginx", name, middle(name, "per_s"),
                  middle(name, "cpu_s_per_1m"), middle(name, "peak_mib"), share)]
    for name in ("pixel", "click"):
        speed, cost = judged[name]["speed_ratio"], judged[name]["cpu_ratio"]
        lines += ["| engaged / nginx, %s | %.2f (%.2f-%.2f) | %.2f (%.2f-%.2f) | | |" % (
            name, speed["median"], speed["least"], speed["most"], cost["median"], cost["least"], cost["most"])]
    return lines + ["goal for the pixel: 1.00 or more", ""]
