"""A real systemd in a throw-away container with the package of the binary under test, for scripts that look at it as a service.

Needs root and ../shared/tools/systemd-host; where no container can be had the test skips with a reason, but fails in CI ($CI set).
"""
import shutil
from harness import *


def absent(reason):
    if os.environ.get("CI"):
        sys.exit(reason + ", but in CI it must work")
    print("skipped: " + reason)
    sys.exit(0)


def run(*args):
    return subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout.strip()


def packages(d):
    """The package of the binary under test with its part of Swift's runtime, and its next version, different in nothing but its number."""
    old = run(os.path.join(ROOT, "deploy", "package"), "--binary", binary(), "--output", d)
    new, tree = os.path.join(d, "next.deb"), os.path.join(d, "tree")
    run("dpkg-deb", "-R", old, tree)
    run("sed", "-i", "s/^Version: .*/&+1/", os.path.join(tree, "DEBIAN", "control"))
    run("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, new)
    shutil.rmtree(tree)
    return old, new


def boot(script, *args, limits=False):
    """Boots systemd, hides Swift there, runs a script of this folder inside: OLD.deb NEW.deb SWIFT ARGS…; gives its exit code.

    `limits`: MemoryMax= and TasksMax= bite, at the price of other directives."""
    host = tool("systemd-host")
    if os.geteuid() != 0:
        absent("a container for systemd needs root")
    r = subprocess.run(["bash", "-c", '. "$1" && require_packages systemd systemd-container dbus', "container", os.path.join(ROOT, "deploy", "require.sh")],
                       capture_output=True, text=True, timeout=600)
    if not shutil.which("systemd-nspawn"):
        absent("systemd can't be installed: " + (r.stderr.strip().splitlines() or ["apt failed"])[-1])
    with workspace() as d:
        old, new = packages(d)
        swift = shutil.which("swift")
        # What isn't on the root file system isn't seen inside: bring what the guest needs.
        bound = [(d, "/mnt/packages"), (ROOT, "/mnt/engaged/main"), (SHARED, "/mnt/engaged/shared"), ("/", "/mnt/host")]
        return subprocess.run(
            [host, *(x for b in bound for x in ("--bind-ro", "%s:%s" % b)), *(["--limits"] if limits else []), "--timeout", "840", "--", os.path.join(HERE, script),
             *("/mnt/packages/" + os.path.basename(p) for p in (old, new)), os.path.realpath(swift) if swift else "", *args]).returncode
