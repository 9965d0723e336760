"""What the rows share: the events, where files go, and the daemon under measurement."""
import json
import os
import shutil
import subprocess

from peer import Peer, say

CONNECTIONS = 4


class Bench:
    def __init__(self, args):
        self.args = args
        self.work = args.work
        self.data = args.work + "/data"
        with open(args.file, "rb") as f:
            self.events = sum(block.count(b"\n") for block in iter(lambda: f.read(1 << 20), b""))
        self.bytes = os.path.getsize(args.file)

    say = staticmethod(say)

    def send(self, port, mode, file=None):
        done = subprocess.run([self.work + "/send", str(port), file or self.args.file, str(CONNECTIONS), mode],
                              stdout=subprocess.PIPE, text=True, timeout=3600)
        if done.returncode:
            raise RuntimeError("the sender failed: " + done.stdout)
        return json.loads(done.stdout)

    def per_million(self, value):
        return value * 1e6 / self.events

    def daemon(self, port, log, preload=None, data=None, admin=None, more=(), under=(), patience=30, environment=None,
               program=None):
        """engaged on an empty data directory, self.data, or on one that is there."""
        if not data:
            shutil.rmtree(self.data, ignore_errors=True)
        return Peer([*under, program or self.args.engaged, "serve", "--data", data or self.data, "--listen", "127.0.0.1:%d" % port,
                     "--admin", "127.0.0.1:%d" % admin if admin else "none", "--open-site", "shop", *more],
                    port, log, preload, patience, environment)
