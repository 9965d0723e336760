"""Faults for one daemon: a slow, lying or failing disk, a full ledger, a wall clock that jumps.

    faults = Faults(d)
    daemon = Daemon(data, env=faults.env)
    faults.delay_ms = 5000          # from now on
"""
import mmap, os, shutil, struct, subprocess, sys

NAMES = ("delay_ms", "lies", "fail_sync", "ledger_full", "clock_ms", "began", "ended", "failed", "refused",
         "inode", "size")


class Faults:
    """The page that faults.c reads. Times in milliseconds; from `began` on it tells."""

    def __init__(self, d):
        library, page = os.path.join(d, "faults.so"), os.path.join(d, "faults.page")
        compiler = next(filter(None, map(shutil.which, ("cc", "clang", "gcc"))), None)
        if not compiler:
            if os.environ.get("CI"):
                sys.exit("no C compiler, but in CI there must be one")
            print("skipped: no C compiler")
            sys.exit(0)
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
        subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        with open(page, "w+b") as f:
            f.truncate(4096)
            object.__setattr__(self, "page", mmap.mmap(f.fileno(), 4096))
        object.__setattr__(self, "lost", os.path.join(d, "faults.lost"))
        object.__setattr__(self, "env", {"LD_PRELOAD": library, "FAULTS_PAGE": page, "FAULTS_LOST": self.lost})

    def __getattr__(self, name):
        return struct.unpack_from("=q", self.page, 8 * NAMES.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("=q", self.page, 8 * NAMES.index(name), value)

    def on_disk(self, data, copy):
        """Copies what of the journal is durable while a sync is under way; False if that ended meanwhile."""
        ended = self.ended
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(os.path.join(data, "segments"), os.path.join(copy, "segments"), ignore=shutil.ignore_patterns("*.tmp"))
        for entry in os.scandir(os.path.join(data, "segments")):
            if entry.inode() == self.inode:
                os.truncate(os.path.join(copy, "segments", entry.name), self.size)
        return self.began > self.ended == ended

    def lose(self):
        """What the failing disk said it couldn't write is gone; to be called between two lives."""
        if not os.path.exists(self.lost):
            return 0
        gone = 0
        for line in open(self.lost):
            inode, size, path = line.rstrip("\n").split(" ", 2)
            # The name may have gone to another file meanwhile.
            if os.path.exists(path) and os.stat(path).st_ino == int(inode):
                lost = max(0, os.path.getsize(path) - int(size))
                os.truncate(path, os.path.getsize(path) - lost)
                gone += lost
        os.unlink(self.lost)
        return gone
