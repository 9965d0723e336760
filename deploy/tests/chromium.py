"""Chromium as the browser test drives it: the DevTools protocol over a pipe, by the standard library alone."""
import itertools, json, os, select, shutil, subprocess, tempfile, time

# As a person's browser names itself; "HeadlessChrome" would be marked as a machine, and rightly. (Said to the whole
# browser: what is said to a page by the protocol no longer holds for what it sends on leaving.)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
# A scanner that pretends to be one forgets that its pages can ask `navigator.webdriver`.
SCANNER = ["--user-agent=" + AGENT]
PERSON = SCANNER + ["--disable-blink-features=AutomationControlled"]


class Chromium:
    """One browser with a profile of its own; `with` it. Without `switches` it says that it is headless and driven."""

    def __init__(self, program, switches=PERSON):
        self.profile = tempfile.mkdtemp(prefix="engaged-chromium-")
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()

        def wire():
            # The protocol is spoken on descriptors 3 and 4; the pipes may have these numbers already.
            a, b = os.dup2(to_browser, 90), os.dup2(from_browser, 91)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--metrics-recording-only", "--mute-audio", *switches, "--user-data-dir=" + self.profile, "about:blank"],
            preexec_fn=wire, close_fds=False, env={**os.environ, "TMPDIR": self.profile}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.numbers, self.rest, self.answers, self.events = itertools.count(1), b"", {}, []
        self.version = self.call("Browser.getVersion")["product"].split("/")[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        # The browser's other processes end a moment after it, and write until they do.
        for _ in range(100):
            shutil.rmtree(self.profile, ignore_errors=True)
            if not os.path.exists(self.profile):
                break
            time.sleep(0.05)

    def pump(self, seconds):
        """Reads what the browser has to say, or waits so long for it."""
        if not select.select([self.into], [], [], seconds)[0]:
            return
        got = os.read(self.into, 1 << 20)
        assert got, "Chromium has ended"
        *whole, self.rest = (self.rest + got).split(b"\0")
        for message in map(json.loads, whole):
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.events.append(message)

    def call(self, method, session=None, limit=60, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + limit
        while number not in self.answers:
            assert time.monotonic() < end, "no answer to %s within %d s" % (method, limit)
            self.pump(1)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError("%s: %s" % (method, answer["error"].get("message")))
        return answer["result"]

    def page(self, **how):
        return Page(self, **how)


class Page:
    """One tab. `private`: with storage of its own."""

    def __init__(self, browser, private=True, agent=None):
        self.browser = browser
        where = {"browserContextId": browser.call("Target.createBrowserContext")["browserContextId"]} if private else {}
        self.target = browser.call("Target.createTarget", url="about:blank", **where)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)
        if agent:
            self.call("Emulation.setUserAgentOverride", userAgent=agent)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def open(self, url):
        """Goes there as a person does who types the address; returns when it has loaded."""
        # The load of an earlier document may be told only now.
        loader = self.call("Page.navigate", url=url)["loaderId"]
        self.wait_for("Page.lifecycleEvent", lambda e: e["loaderId"] == loader and e["name"] == "load")

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"].get("exception", {}).get("description", str(found)))
        return found["result"].get("value")

    def click(self, selector, button="left", modifiers=0):
        """Presses the mouse where the element is."""
        x, y = self.run("(e => { e.scrollIntoView({ block: 'nearest' }); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })"
                        "(document.querySelector(%s))" % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1, modifiers=modifiers)

    def follow(self, selector):
        """Clicks a link to another page of this tab, and waits for that."""
        self.forget("Page.loadEventFired")
        self.click(selector)
        self.wait_for("Page.loadEventFired")

    def forget(self, method):
        self.browser.events = [e for e in self.browser.events if e.get("sessionId") != self.session or e["method"] != method]

    def seen(self, method):
        self.browser.pump(0)
        return [e["params"] for e in self.browser.events if e.get("sessionId") == self.session and e["method"] == method]

    def wait_for(self, method, which=bool, limit=60):
        end = time.monotonic() + limit
        while not any(map(which, self.seen(method))):
            assert time.monotonic() < end, "no %s within %d s" % (method, limit)
            self.browser.pump(1)

    def requests(self, part):
        """Method and address of every request so far whose address holds `part`."""
        return [(e["request"]["method"], e["request"]["url"]) for e in self.seen("Network.requestWillBeSent") if part in e["request"]["url"]]

    def errors(self):
        """What the page's own window.onerror would see, and what the browser refused by its policy."""
        return [e["exceptionDetails"].get("text") for e in self.seen("Runtime.exceptionThrown")] + [
            e["entry"]["text"] for e in self.seen("Log.entryAdded") if e["entry"]["source"] in ("security", "javascript")]

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
