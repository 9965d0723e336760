#!/usr/bin/env python3
"""Writes NDJSON events of a web shop with a newsletter: the same arguments, the same bytes.

    events.py COUNT [--customers N] [--seed S] [--start DAY] > events.ndjson

About 70 % page views, 12 % clicks, 15 % newsletter events, the rest orders, leads and custom
events; some 260 bytes a line. A few customers are very busy, most are rare.
"""
import argparse
import json
import random
import sys
from datetime import datetime, timedelta, timezone

KINDS = {
    "page_view": 705, "click": 120, "newsletter_sent": 60, "newsletter_delivered": 58,
    "newsletter_opened": 22, "newsletter_clicked": 10, "order": 10, "custom": 12, "lead": 3,
}
THINGS = ["lantern", "rucksack", "raincoat", "stove", "canoe", "hammock", "thermos", "compass",
          "sleeping-bag", "paddle", "tarp", "axe", "mug", "headlamp", "rope", "map"]
TRAITS = ["light", "sturdy", "folding", "classic", "red", "winter", "summer", "used"]
TITLES = ["Zelte & Planen – 20 %", "Sac \"Été\" 40 l", "テント", "Grøn jakke"]
SOURCES = ["https://search.example/?q=outdoor", "https://forum.example/t/1834", "https://blog.example/"]
LISTS = ["weekly", "sale", "journal"]
FLATTEN = 20.0  # the busiest customer of 50,000 has about 0.6 % of the events


def page(rng):
    """The tail of a web event: url, sometimes referrer, title."""
    thing, trait = rng.choice(THINGS), rng.choice(TRAITS)
    tail = {"url": "https://outdoor.example/%s/%s-%s-%05d" % (thing, trait, thing, rng.randrange(90000))}
    if rng.random() < 0.4:
        tail["referrer"] = rng.choice(SOURCES)
    odd = rng.random() < 0.01
    tail["title"] = rng.choice(TITLES) if odd else "%s %s | Outdoor outfitters" % (trait.title(), thing)
    return json.dumps(tail, ensure_ascii=rng.random() < 0.5, separators=(",", ":"))[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--customers", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", default="2026-01-05", help="UTC day of the events (a thousand a second)")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    pages = [page(rng) for _ in range(5000)]
    kinds = rng.choices(list(KINDS), weights=list(KINDS.values()), k=1 << 16)
    start = datetime.fromisoformat(args.start).replace(tzinfo=timezone.utc)
    span = 1 + args.customers / FLATTEN
    second, out = "", []
    for n in range(args.count):
        if n % 1000 == 0:
            second = (start + timedelta(seconds=n // 1000)).strftime("%Y-%m-%dT%H:%M:%S.")
        bits = rng.getrandbits(160)
        kind = kinds[bits & 0xffff]
        # Zipf with the first ranks flattened; the product scatters the busy ones over the numbers.
        rank = int(FLATTEN * (span ** ((bits >> 16 & 0xffffffff) / 4294967296.0) - 1))
        customer = rank * 7919 % args.customers
        head = '{"type":"%s","id":"%032x","site":"shop","customer":"c-%07d","time":"%s%03dZ",' % (
            kind, bits >> 32, customer, second, n % 1000)
        web = '"visitor":"v-%08x",' % (customer * 2246822519 & 0xffffffff)
        if kind in ("page_view", "click"):
            tail = web + pages[bits >> 90 & 4095]
        elif kind.startswith("newsletter"):
            tail = '"newsletter":"%s","issue":"2026-%02d","message":"%020x@outdoor.example"%s}' % (
                LISTS[bits % 3], bits % 50 + 1, bits >> 80,
                ',"link":"https://outdoor.example/offer/%d"' % (bits % 40) if kind.endswith("clicked") else "")
        elif kind == "order":
            tail = web + '"order":"o-%012x","amount":%d,"currency":"EUR"}' % (bits >> 112, bits % 30000 + 100)
        elif kind == "custom":
            tail = web + '"name":"search","query":"%s","results":%d}' % (THINGS[bits % 16], bits % 90)
        else:
            tail = web + '"source":"form",' + pages[bits >> 90 & 4095]
        out.append(head + tail + "\n")
        if len(out) == 10000:
            sys.stdout.buffer.write("".join(out).encode())
            out.clear()
    sys.stdout.buffer.write("".join(out).encode())


if __name__ == "__main__":
    main()
