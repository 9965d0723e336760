"""What the scripts share that run inside, on the systemd that container.py has booted."""
import os, subprocess, sys, time, urllib.error, urllib.request
from harness import *

UNITS = "engaged.socket", "engaged.service"
DATA, ETC, PORT = "/var/lib/private/engaged", "/etc/engaged", 3643


def run(*args, check=True, **kw):
    r = subprocess.run(args, capture_output=True, text=True, **kw)
    if check and r.returncode:
        raise AssertionError("%s: exit code %d\n%s%s" % (" ".join(args), r.returncode, r.stdout, r.stderr))
    return r


def systemctl(*args, **kw):
    return run("systemctl", *args, **kw)


def show(name, unit="engaged.service"):
    return systemctl("show", "-p", name, "--value", unit).stdout.strip()


def pid():
    return int(show("MainPID"))


def journal(since=None):
    # journald takes what a service says when it comes to it.
    run("journalctl", "--sync", check=False)
    return run("journalctl", "-u", "engaged.service", "-o", "cat", "--no-pager", *(["--since", since] if since else [])).stdout


def said(text, limit=60):
    """Waits until the journal has it."""
    try:
        eventually("said", lambda: text in journal(), limit)
    except AssertionError:
        raise AssertionError("%s isn't in:\n%s" % (text, journal()[-3000:]))


def is_active():
    return show("ActiveState") == "active"


def active(limit=60):
    try:
        eventually("active", is_active, limit)
    except AssertionError:
        raise AssertionError("not active:\n" + systemctl("status", "engaged.service", check=False).stdout + journal()[-3000:])


def restarted(old, limit=90):
    eventually("another process", lambda: is_active() and pid() not in (0, old), limit)


def get(path, port=PORT, headers={}):
    with urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d%s" % (port, path), headers=headers), timeout=120) as r:
        return r.read().decode(errors="replace")


def post(lines, headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:%d/v1/events" % PORT, lines.encode(), headers), timeout=60) as r:
            return r.status, json.load(r)
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def judge_stored(book):
    ids = set()
    for line in stored_lines(DATA):
        event = json.loads(line)
        ids.add(event.get("id"))
    lost = set(book.acked) - ids
    assert not lost, (len(lost), sorted(lost)[:3])
    run("engaged", "verify", "--data", DATA)


def prepare(swift):
    """Before the package is installed: a machine without Swift whose packages may start their services."""
    if swift.startswith("/opt/"):
        run("mount", "-t", "tmpfs", "tmpfs", "/opt")
    # Images made for containers forbid packages to start anything.
    if os.path.exists("/usr/sbin/policy-rc.d"):
        os.remove("/usr/sbin/policy-rc.d")


def run_all(tests, only=()):
    """Runs functions whose docstrings say what holds; the first is needed by all others. Gives the exit code."""
    failed = 0
    for t in tests:
        # The first one installs what all others need.
        if only and t is not tests[0] and t.__name__ not in only:
            continue
        began = time.monotonic()
        try:
            t()
            print("ok    %s (%.1f s)" % (t.__doc__, time.monotonic() - began), flush=True)
        except Exception as e:
            failed += 1
            print("FAIL  %s: %s: %s" % (t.__doc__, type(e).__name__, e), flush=True)
            if t is tests[0]:
                print(systemctl("status", *UNITS, check=False).stdout + journal()[-4000:])
                break
    return 1 if failed else 0
