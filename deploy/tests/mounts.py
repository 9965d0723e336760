"""File systems of a test's own: small, full at will, or cut off from power.

All mounting happens in a mount namespace of the test, so that nothing stays behind, however it ends.
"""
import contextlib, ctypes, fcntl, os, subprocess, sys, threading

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_FLUSH = 2  # not even the file system's own journal is written
LIBC = ctypes.CDLL(None, use_errno=True)


def may_mount(kind):
    """Moves into a namespace of its own; ends the test with a reason where that isn't permitted."""
    def no(why):
        print("skipped: %s can't be mounted here: %s" % (kind, why))
        sys.exit(1 if os.environ.get("CI") else 0)
    if os.geteuid():
        no("only root may")
    CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 1 << 18
    if LIBC.unshare(CLONE_NEWNS) or LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
        no(os.strerror(ctypes.get_errno()))
    return no


def mount(*args):
    return subprocess.run(["mount", *args], capture_output=True, text=True)


@contextlib.contextmanager
def tmpfs(path, mib):
    no = may_mount("tmpfs")
    os.makedirs(path)
    r = mount("-t", "tmpfs", "-o", "size=%dm" % mib, "tmpfs", path)
    if r.returncode:
        no(r.stderr.strip())
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path])


class PowerCut:
    """An ext4 in a file. `cut` takes its power away, `again` mounts it as the disk remembers it."""

    def __init__(self, d, mib=1024):
        self.image, self.path, self.is_mounted = os.path.join(d, "disk.img"), os.path.join(d, "disk"), False
        no = may_mount("ext4 in a file")
        os.makedirs(self.path)
        with open(self.image, "wb") as f:
            f.truncate(mib << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=True)
        if trouble := self.mount():
            no(trouble)

    def mount(self, options=()):
        r = mount("-o", ",".join(("loop", *options)), self.image, self.path)
        self.is_mounted = r.returncode == 0
        return r.stderr.strip()

    def cut(self):
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, NO_FLUSH.to_bytes(4, sys.byteorder))
        finally:
            os.close(fd)

    def again(self, *options):
        """Nobody may use it any more. Mounting replays the file system's journal."""
        subprocess.run(["umount", self.path], check=True)
        self.is_mounted = False
        if trouble := self.mount(options):
            raise AssertionError(trouble)

    @contextlib.contextmanager
    def neighbour(self):
        """Somebody else who syncs all the time: with that parts of what nobody synced reach the disk."""
        ended = threading.Event()
        def work():
            with contextlib.suppress(OSError), open(os.path.join(self.path, "neighbour"), "wb") as f:
                while not ended.wait(0.003):
                    f.write(b"x")
                    f.flush()
                    os.fsync(f.fileno())
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.path])
