"""Acknowledged traffic, and the judgement on what became of it.

    book = Book(seed)
    with Traffic(book, daemon.port):     # several TCP connections that ask for acknowledgements
        …
    judge(data, d, book)                 # once the daemon has stopped

What isn't acknowledged is sent again with the same id, on a new connection or in a later life of
the daemon.
"""
import collections, json, os, random, select, socket, sqlite3, subprocess, sys, threading, time
from harness import eventually, same_ledger, stored_lines, tool

HELLO = b'{"hello":"engaged/1","acks":true}\n'
SHAPES = (
    '{"type":"page_view","id":"%s","customer":"c%d","url":"https://shop.example/p/%d"}',
    '{"type":"click","id":"%s","customer":"c%d","target":"button-%d"}',
    '{"type":"order","id":"%s","customer":"c%d","order":"o%d","amount":1250,"currency":"EUR"}',
    '{"type":"newsletter_opened","id":"%s","customer":"c%d","newsletter":"weekly","issue":"%d"}',
)


class Book:
    """What was made, what waits to be sent, what has been acknowledged and when."""

    def __init__(self, seed=None, name="e"):
        self.seed = random.SystemRandom().randrange(1 << 20) if seed is None else seed
        self.name, self.lock, self.rng = name, threading.Lock(), random.Random(self.seed)
        self.waiting, self.made, self.acked, self.rejected = collections.deque(), 0, {}, {}

    def take(self, may_make):
        with self.lock:
            if self.waiting:
                return self.waiting.popleft()
            if not may_make:
                return None
            self.made += 1
            i = "%s-%07d" % (self.name, self.made)
            shape = self.rng.choice(SHAPES)
            return i, (shape % (i, self.rng.randrange(50), self.made)).encode() + b"\n"

    def give_back(self, lines):
        with self.lock:
            self.waiting.extendleft(reversed(lines))

    def took(self, lines):
        """Acknowledged now. The time is taken after the bytes were read, never before."""
        now = time.monotonic()
        with self.lock:
            for i, _ in lines:
                self.acked.setdefault(i, now)

    def acked_before(self, moment):
        with self.lock:
            return {i for i, t in self.acked.items() if t < moment}


class Traffic:
    """`connections` senders, together at most `rate` lines a second, until the block ends."""

    def __init__(self, book, port, connections=4, rate=3000, window=300):
        self.book, self.port, self.rate, self.window = book, port, rate / connections, window
        self.ended, self.paused, self.reconnects = threading.Event(), False, 0
        self.senders = [Sender(self) for _ in range(connections)]

    def __enter__(self):
        for s in self.senders:
            s.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for s in self.senders:
            s.join(90)
            assert not s.is_alive(), "a sender doesn't end"

    @property
    def open_lines(self):
        return sum(len(s.open) for s in self.senders)

    def flows(self, more=500, limit=60):
        """Waits until acknowledgements come: `more` than now."""
        until = len(self.book.acked) + more
        eventually("%d more lines acknowledged" % more, lambda: len(self.book.acked) >= until, limit)

    def stands_still(self, seconds=2, limit=60):
        """Waits until no acknowledgement came for so long, though lines wait on connections that stay."""
        reconnects, acked, since = self.reconnects, -1, time.monotonic()
        def still():
            nonlocal acked, since
            if len(self.book.acked) != acked:
                acked, since = len(self.book.acked), time.monotonic()
            return time.monotonic() - since > seconds
        eventually("no more acknowledgements", still, limit)
        assert self.open_lines > 0 and self.reconnects == reconnects, (self.open_lines, self.reconnects)

    def drain(self, limit=60):
        """Makes no more and waits until everything is acknowledged."""
        self.paused = True
        eventually("everything acknowledged", lambda: len(self.book.acked) + len(self.book.rejected) == self.book.made, limit)


class Sender(threading.Thread):
    def __init__(self, traffic):
        super().__init__(daemon=True)
        self.traffic, self.open = traffic, collections.deque()
        # What it last said at the door and was let in with.
        self.hello = None

    def run(self):
        t = self.traffic
        while not t.ended.is_set():
            try:
                self.talk()
            except OSError:
                t.reconnects += 1
                t.ended.wait(0.05)
            finally:
                t.book.give_back(self.open)
                self.open.clear()

    def talk(self):
        hello = HELLO
        t, done, out, inp = self.traffic, 0, bytearray(hello), bytearray()
        with socket.create_connection(("127.0.0.1", t.port), 60) as s:
            s.setblocking(False)
            began, sent = time.monotonic(), 0
            while not t.ended.is_set():
                room = min(t.window - len(self.open), int((time.monotonic() - began) * t.rate) + 8 - sent)
                while room > 0 and len(out) < 65536 and (line := t.book.take(not t.paused)):
                    self.open.append(line)
                    out += line[1]
                    sent, room = sent + 1, room - 1
                readable, writable, _ = select.select([s], [s] if out else [], [], 0.005)
                if writable:
                    del out[:s.send(out[:16384])]
                if readable:
                    got = s.recv(65536)
                    if not got:
                        raise ConnectionError("closed")
                    inp += got
                    *replies, rest = inp.split(b"\n")
                    inp = bytearray(rest)
                    for reply in map(json.loads, replies):
                        if "ack" in reply:
                            assert done <= reply["ack"] <= done + len(self.open), reply
                            t.book.took([self.open.popleft() for _ in range(reply["ack"] - done)])
                            done = reply["ack"]
                        elif "acks" in reply:
                            self.hello = hello
                        elif "rejected" in reply or "error" in reply:
                            with t.book.lock:
                                t.book.rejected[len(t.book.rejected)] = reply


def stored(data):
    """Every stored line as an object, seqs gapless from 1."""
    for seq, line in enumerate(stored_lines(data), 1):
        line = json.loads(line)
        assert line["seq"] == seq, (line, seq)
        yield line


def missing(data, ids):
    """Which of the acknowledged ids the independent reader doesn't find; a torn tail is no fault."""
    sys.path.insert(0, os.path.dirname(tool("segments.py")))
    import segments
    report = segments.acked_report(data, list(ids), "id")
    assert report["verdict"] in ("ok", "torn_tail"), report
    return report["missing"], report["verdict"]


def judge(data, d, book=None, fold=True):
    """After a stop: nothing acknowledged is missing, nothing invented, everything counted once.

    Gives the number of lines, and of those that came twice."""
    lines = list(stored(data))
    ids = collections.Counter(l["id"] for l in lines if "control" not in l)
    if book:
        assert not book.rejected, list(book.rejected.values())[:3]
        lost = [i for i in book.acked if i not in ids]
        assert not lost, "%d acknowledged lines are not stored, e.g. %s" % (len(lost), lost[:3])
        assert all(int(i.rsplit("-", 1)[1]) <= book.made for i in ids if i.startswith(book.name + "-"))
    c = sqlite3.connect("file:%s/ledger.sqlite?mode=ro" % data, uri=True)
    applied, duplicates, last = c.execute("SELECT applied, duplicates, last_seq FROM rollup_progress").fetchone()
    c.close()
    assert (applied, duplicates, last) == (len(ids), ids.total() - len(ids), len(lines)), (applied, duplicates, last, len(ids), ids.total(), len(lines))
    subprocess.run([sys.executable, tool("segments.py"), "verify", data], check=True, stdout=subprocess.DEVNULL)
    if fold:
        same_ledger(data, d)
    return len(lines), ids.total() - len(ids)
