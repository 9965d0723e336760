"""A web site that the browser tests walk through: its pages, the network to the daemon, what the ledger must show."""
import http.server, shutil, sys, threading
from harness import *
from chromium import PERSON, Chromium


def chromium():
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        r = subprocess.run(["bash", "-c", '. "$1" && require_packages chromium', "browser", os.path.join(ROOT, "deploy", "require.sh")],
                           capture_output=True, text=True, timeout=600)
        found = shutil.which("chromium")
        reason = (r.stderr.strip().splitlines() or ["apt failed"])[-1]
    if found:
        return found
    if os.environ.get("CI"):
        sys.exit("Chromium can't be installed, but in CI it must be: " + reason)
    print("skipped: Chromium isn't there and can't be installed: " + reason)
    sys.exit(0)


STUB = "window.engaged = window.engaged || function () { (engaged.q = engaged.q || []).push(arguments) };"


class Shop(http.server.ThreadingHTTPServer):
    """The web site: pages that a scenario has put there. Its host has two names, so two origins."""

    daemon_threads = True

    def __init__(self):
        self.pages, self.asked = {}, []
        super().__init__(("127.0.0.1", 0), Visit)
        self.origin = "http://127.0.0.1:%d" % self.server_port
        self.other = "http://localhost:%d" % self.server_port
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A browser that goes away in the middle is part of the test."""


class Visit(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.asked.append((path, self.headers.get("Sec-Purpose", "")))
        kind, policy, text = self.server.pages.get(path, ("text/plain", "", "nothing here"))
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Between:
    """A network between the browser and the daemon that can hold answers back or lose them; that first sends every POST
    somewhere else (`detours`), or says for whom it speaks (`client`)."""

    def __init__(self, port, client=None):
        self.upstream, self.client, self.flows, self.loses, self.detours, self.requests = port, client, threading.Event(), False, False, 0
        self.flows.set()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream), 10)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self.carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.carry, args=(server, client, True), daemon=True).start()

    def carry(self, source, sink, is_answer):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_answer:
                    self.flows.wait()
                    if self.loses:
                        break
                elif data.startswith(b"POST"):
                    self.requests += 1
                    if self.detours and b"?detour" not in data.split(b"\r\n", 1)[0]:
                        self.redirect(source, data)
                        continue
                if self.client and not is_answer and data.startswith((b"GET", b"POST")):
                    data = data.replace(b"\r\n", b"\r\nX-Forwarded-For: %s\r\n" % self.client.encode(), 1)
                sink.sendall(data)
        for s in (source, sink):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def redirect(self, source, data):
        """Takes a request, and tells the browser, when the network flows, to send it once more to another address here."""
        head, _, body = data.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += source.recv(65536)
        self.flows.wait()
        path = head.split(b" ")[1].split(b"?")[0]
        source.sendall(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: %s?detour\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n" % path)


class World:
    """The daemon, the shop and the browser, and what each scenario's site must show."""

    def __init__(self, d, program, names, settings, sites):
        self.program, self.shop, self.expected = program, Shop(), {}
        self.keys = {n: "browser-key-of-%s" % n for n in names}
        settings = {"rollup.flush_milliseconds": 100, **settings}
        for n in names:
            site = {"browser_key": self.keys[n], "key": "secret-key-of-%s" % n, "origins": self.shop.origin, **sites.get(n, lambda shop: {})(self.shop)}
            settings.update(("sites.%s.%s" % (n, key), value) for key, value in site.items() if value)
        self.settings = [x for key, value in settings.items() for x in ("--set", "%s=%s" % (key, value))]
        self.data, self.port = os.path.join(d, "data"), free_port()
        self.start()
        self.collector = "http://127.0.0.1:%d" % self.port

    def start(self):
        self.daemon = Daemon(self.data, *self.settings, admin=True, port=self.port)

    def browser(self, switches=PERSON):
        return Chromium(self.program, switches)

    def page(self, site, path, body="", attributes="", scripts=(), collector=None, key=None):
        """Puts a page into the shop and gives its address. `scripts`: (name, text) of the page's own, before the tracker."""
        collector = collector or self.collector
        own = ""
        for name, text in scripts:
            self.shop.pages["/%s/%s" % (site, name)] = ("text/javascript", "", text)
            own += '<script src="/%s/%s"></script>' % (site, name)
        key = "/" + self.keys[site] if key is None else key
        self.shop.pages["/%s%s" % (site, path)] = (
            "text/html", "default-src 'none'; script-src 'self' {0}; connect-src {0}; img-src {0}".format(collector),
            '<!doctype html><html lang="en"><title>%s</title>%s<script async src="%s/e.js%s" %s></script>'
            '<noscript><img src="%s/p.gif%s" referrerpolicy="no-referrer-when-downgrade" alt=""></noscript>'
            '<body>%s' % (path, own, collector, key, attributes, collector, key, body))
        return self.shop.origin + "/%s%s" % (site, path)

    def counts(self, site):
        """Type → (human, machine, anonymised), without engaged time, which depends on the machine's pace."""
        found = {t: n for t, *n in self.daemon.ledger(
            "SELECT type, SUM(human), SUM(machine), SUM(anonymised) FROM site_day WHERE site = ? GROUP BY type", site)}
        for e in self.kept(site):
            if e["type"] == "custom" and e["name"] == "engaged" and "custom" in found:
                found["custom"]["actor" in e] -= 1
        if not any(found.get("custom", [])):
            found.pop("custom", None)
        return found

    def kept(self, site):
        """The site's stored events in the order of their arrival, each id once."""
        events = {}
        for line in stored_lines(self.data):
            event = json.loads(line)
            if event.get("site") == site:
                events.setdefault(event["id"], event)
        return list(events.values())

    def shows(self, site, **wanted):
        """Waits until the ledger shows so many of each type for the site, and nothing else; holds to it until the end.
        A number is of people; or (human, machine, anonymised)."""
        wanted = {t: list(n) if isinstance(n, tuple) else [n, 0, 0] for t, n in wanted.items()}
        self.expected[site] = wanted
        try:
            eventually("the ledger shows it", lambda: self.counts(site) == wanted, 60)
        except AssertionError:
            raise AssertionError("%s: the ledger shows %s, not %s\n%s" % (site, self.counts(site), wanted, "\n".join(map(str, self.kept(site)[-20:]))))

    def views(self, site):
        """(path, referrer's path) of each page view in order."""
        def path(url):
            return url.split("/%s" % site, 1)[-1] if url else ""
        views = sorted((e for e in self.kept(site) if e["type"] == "page_view"), key=lambda e: e.get("time", e["received"]))
        return [(path(e["url"]), path(e.get("referrer", ""))) for e in views]


def run(scenarios, settings={}, sites={}, prepare=lambda w: None):
    """Plays the scenarios, each a function of the world and a browser, or those named on the command line. Each has a site
    of its own; `sites`: a scenario's name → what its site's settings are besides, of the shop."""
    with workspace() as d:
        program = chromium()
        chosen = [s for s in scenarios if s.__name__ in sys.argv[1:] or len(sys.argv) == 1]
        w = World(d, program, [s.__name__ for s in scenarios], settings, sites)
        prepare(w)
        with w.browser() as browser:
            for scenario in chosen:
                began = time.monotonic()
                scenario(w, browser)
                print("%-12s %4.1f s  %s" % (scenario.__name__, time.monotonic() - began, scenario.__doc__.split("\n")[0]), flush=True)
        w.daemon.stop()
        # Nothing came late, or a second time.
        for site, wanted in w.expected.items():
            assert w.counts(site) == wanted, (site, w.counts(site), wanted)
        print("Chromium %s: %d scenarios, and the ledger shows what was done" % (browser.version, len(chosen)))
