"""What the tests of the whole daemon share: start it, talk to it, judge what it left.

The binary is $ENGAGED (deploy/test sets it), else the newest build of this checkout. The
independent judges lie in ../shared beside the checkout; a test that wants one skips with a plain
reason where they are absent, and fails in CI ($CI set), where they must be there.
"""
import contextlib, gzip, json, os, signal, socket, sqlite3, subprocess, sys, tempfile, time, urllib.error, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")


def binary():
    if os.environ.get("ENGAGED"):
        return os.environ["ENGAGED"]
    found = [p for p in (os.path.join(ROOT, ".build", k, "engaged") for k in ("release", "debug")) if os.path.exists(p)]
    if not found:
        sys.exit("no engaged binary: build first, or set ENGAGED")
    return max(found, key=os.path.getmtime)


def tool(name):
    """Path of an independent judge, or the end of the test with a reason."""
    path = os.path.join(SHARED, "tools", name)
    if os.path.exists(path):
        return path
    if os.environ.get("CI"):
        sys.exit("%s is not there, but in CI it must be" % name)
    print("skipped: %s lies outside this repository and is not there" % name)
    sys.exit(0)


def free_ports(count):
    """Different ones."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def free_port():
    return free_ports(1)[0]


def engaged(*args, check=None, timeout=600, **kw):
    """Runs a subcommand; `check` is the exit code it must have."""
    r = subprocess.run([binary(), *map(str, args)], capture_output=True, text=True, timeout=timeout, **kw)
    if check is not None and r.returncode != check:
        raise AssertionError("engaged %s: exit code %d, not %d\n%s%s" % (" ".join(map(str, args)), r.returncode, check, r.stdout, r.stderr))
    return r


STARTING = "not ready: recovering", "not ready: catching up", "not ready: reading ids"


class Daemon:
    """`engaged serve` on a free port, data in `self.data`.

    `env` is added to the environment; `under` goes before the command, e.g. ("prlimit", "--nofile=64"); `fds` are left open.
    """

    def __init__(self, data, *args, admin=False, port=None, env=None, under=(), fds=(), log=None, wait=True):
        one, other = free_ports(2)
        self.data, self.port = data, port or one
        self.admin = other if admin else None
        self.log = open(log or os.path.join(os.path.dirname(data), "daemon.log"), "ab")
        self.process = subprocess.Popen(
            # It never outlives its test, however that ends.
            ["setpriv", "--pdeathsig", "KILL", *under, binary(), "serve", "--data", data, "--listen", "127.0.0.1:%d" % self.port,
             "--admin", "127.0.0.1:%d" % self.admin if admin else "none", *args],
            stderr=self.log, stdout=self.log, env={**os.environ, **(env or {})}, pass_fds=fds)
        if wait:
            self.wait_listening()

    def wait_listening(self, limit=180):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError("the daemon ended with %s:\n%s" % (self.process.returncode, self.said()))
            with contextlib.suppress(OSError):
                for port in filter(None, (self.port, self.admin)):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                # The admin port is there before the daemon is ready.
                if not self.admin or not self.readiness()[1].startswith(STARTING):
                    return
            time.sleep(0.02)
        raise AssertionError("the daemon doesn't listen:\n" + self.said())

    def said(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()[-4000:]

    def stop(self, limit=60):
        """SIGTERM; gives the seconds it took. (It syncs a dozen times, each of which a slow disk may keep waiting.)"""
        t = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(limit)
        if code:
            raise AssertionError("exit code %d at a clean stop:\n%s" % (code, self.said()))
        return time.monotonic() - t

    def kill(self):
        self.process.kill()
        self.process.wait()

    def tcp(self):
        s = socket.create_connection(("127.0.0.1", self.port), 60)
        s.settimeout(120)
        return s

    def get(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.admin, path), timeout=120) as r:
            return r.read().decode()

    def metric(self, series):
        """The value of a series as it stands on /metrics, e.g. name{label="x"}; 0 when absent."""
        for line in self.get("/metrics").splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def readiness(self):
        """The status code and text of /readyz."""
        try:
            return 200, self.get("/readyz")
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            return next(int(l.split()[1]) for l in f if l.startswith("VmRSS")) / 1024

    def ledger(self, sql, *args):
        c = sqlite3.connect("file:%s/ledger.sqlite?mode=ro" % self.data, uri=True)
        try:
            return c.execute(sql, args).fetchall()
        finally:
            c.close()


@contextlib.contextmanager
def workspace():
    # A time limit from outside must unwind, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    with tempfile.TemporaryDirectory(prefix="engaged-test-") as d:
        yield d


def segments(data):
    """The names of the segments, oldest first, without one that is just being made: it has a temporary name still."""
    return sorted(n for n in os.listdir(os.path.join(data, "segments")) if n.endswith(".ndjson.gz"))


def stored_lines(data, after=""):
    """All lines of the segments in order, as bytes without newline; of those named later than `after`."""
    for name in segments(data):
        if name > after:
            with gzip.open(os.path.join(data, "segments", name)) as f:
                for line in f:
                    yield line.rstrip(b"\n")


def eventually(what, holds, limit=60):
    """Waits until it holds. A file that is just being written or exchanged may end in the middle or be gone, and a port
    not be there: not yet."""
    end, trouble = time.monotonic() + limit, ""
    while time.monotonic() < end:
        try:
            if holds():
                return
            trouble = ""
        except (EOFError, OSError) as e:
            trouble = " (%r)" % e
        time.sleep(0.02)
    raise AssertionError("not within %s s: %s%s" % (limit, what, trouble))


def demo_ledger(data, *args):
    """The ledger of a small made-up shop, written by a daemon that has ended; `args` as for `engaged demo`."""
    daemon = Daemon(data, admin=True)
    engaged("demo", "--seed", "1", "--to", "127.0.0.1:%d" % daemon.port, *args, check=0)
    eventually("all counted", lambda: json.loads(daemon.get("/status"))["applied_seq"] == json.loads(daemon.get("/status"))["watermark_seq"] > 0, 60)
    daemon.stop()
    return os.path.join(data, "ledger.sqlite")


def same_ledger(data, d):
    """The ledger equals the independent fold over the same segments, table by table."""
    oracle, other = tool("ledger_oracle.py"), os.path.join(d, "oracle.sqlite")
    files = [os.path.join(data, "segments", n) for n in segments(data)]
    subprocess.run([sys.executable, oracle, "fold", *files, "--db", other], check=True, stdout=subprocess.DEVNULL)
    compare(os.path.join(data, "ledger.sqlite"), other)


def tables(path):
    """Every table of the contract with its rows, sorted; bookkeeping tables and settings left out."""
    c = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    names = [n for (n,) in c.execute("SELECT name FROM sqlite_master WHERE type='table'")
             if not n.startswith(("sqlite", "engaged_", "grdb_")) and n not in ("meta", "dedupe")]
    out = {}
    for n in names:
        columns = sorted(r[1] for r in c.execute("SELECT * FROM pragma_table_info(?)", (n,)))
        out[n] = (columns, sorted(map(repr, c.execute("SELECT %s FROM %s" % (", ".join('"%s"' % x for x in columns), n)))))
    c.close()
    return out


def compare(a, b):
    x, y = tables(a), tables(b)
    if set(x) != set(y):
        raise AssertionError("tables differ: %s" % sorted(set(x) ^ set(y)))
    for n in sorted(x):
        if x[n] != y[n]:
            only = [r for r in x[n][1] if r not in set(y[n][1])][:3], [r for r in y[n][1] if r not in set(x[n][1])][:3]
            raise AssertionError("%s differs: %s\n< %s\n> %s" % (n, x[n][0], only[0], only[1]))
