"""Reads what callgrind wrote, and gives each instruction to a stage.

A stage is told by the source file that an instruction comes from, inlined or not; failing that by the
function's module; failing that (libc, Swift's runtime) it is whoever called, in proportion. Format:
valgrind's manual, "Callgrind Format Specification". Debian 12's valgrind can't read what today's compilers
write for debuggers, so it runs a stripped copy, and llvm-symbolizer tells files from the whole binary.
"""
import re
import subprocess
from collections import defaultdict

# First match holds.
BY_OBJECT = (("libisal", "seal"), ("libz.", "seal"), ("libsqlite3", "apply"))
BY_FILE = (
    ("/ByteScan/", "scan"), ("/Admission/", "gates"), ("/Senders/", "gates"), ("/Visitors/", "gates"),
    ("/Dialects/", "receive"), ("/Intake/", "receive"), ("/swift-nio", "receive"),
    ("/Journal/LineStamp", "stamp"), ("/Journal/MemberBuffer", "seal"), ("/Journal/Codec", "seal"), ("/CCodec/", "seal"),
    ("/Journal/", "write"), ("/Engagement/Fold", "fold"), ("/Engagement/Delta", "fold"), ("/Engagement/Interner", "fold"),
    ("/Engagement/SubjectInterner", "fold"), ("/Rollup/", "fold"), ("/Ledger/", "apply"), ("/GRDB", "apply"))
MODULES = {"ByteScan": "scan", "Admission": "gates", "Senders": "gates", "Visitors": "gates", "Dialects": "receive",
           "Intake": "receive", "NIOCore": "receive", "NIOPosix": "receive", "CCodec": "seal", "Journal": "write",
           "Engagement": "fold", "Rollup": "fold", "Ledger": "apply", "GRDB": "apply"}


def by_function(name):
    """Of a mangled name: $s, a length, the module."""
    found = re.match(r"\$s(\d+)(\w+)", name)
    return MODULES.get(found[2][:int(found[1])]) if found else None


def stage_of(where, files, function):
    """Of the innermost file that is somebody's."""
    for part, stage in BY_OBJECT:
        if part in where:
            return stage
    for file in files:
        for part, stage in BY_FILE:
            if part in file:
                return stage
    return by_function(function)


class Names:
    """Names are written once and then go by their number."""

    def __init__(self):
        self.known = {}

    def __getitem__(self, text):
        number, _, name = text.partition(" ")
        if name:
            self.known[number] = name
        return self.known.get(number, number)


def read(path):
    """own[(object, function, address)] and calls[(object, callee)][(object, caller, address)] in instructions.

    For dumps made with --dump-instr=yes --compress-pos=no: cost lines are address, line, instructions.
    """
    objects, functions = Names(), Names()
    own, calls = defaultdict(int), defaultdict(lambda: defaultdict(int))
    where = function = callee = callee_where = ""
    is_call = False
    for line in open(path, errors="replace"):
        key, _, value = line.rstrip("\n").partition("=")
        if key == "ob":
            where = callee_where = objects[value]
        elif key == "fn":
            function, callee_where = functions[value], where
        elif key == "cob":
            callee_where = objects[value]
        elif key == "cfn":
            callee = functions[value]
        elif key == "calls":
            is_call = True
        elif line.startswith("0x"):
            address, _, cost = line.split()
            if is_call:
                calls[callee_where, callee][where, function, address] += int(cost)
                is_call, callee_where = False, where
            else:
                own[where, function, address] += int(cost)
    return own, calls


found = {}


def files(binary, addresses):
    """The source files of each address, of what is inlined there first. Each is looked for once."""
    addresses = [address for address in addresses if address not in found]
    done = subprocess.run(["llvm-symbolizer", "--obj=" + binary, "--inlines", "--functions=none"],
                          input="\n".join(addresses) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    blocks = done.stdout.split("\n\n")
    found.update((address, [line.rsplit(":", 2)[0] for line in block.split("\n")]) for address, block in zip(addresses, blocks))
    return found


def stages(path, ours, binary):
    """{stage: instructions}, and the functions that cost most: [(instructions, stage, function)].

    `ours`: the object that ran; `binary`: the same with its debugging information.
    """
    own, calls = read(path)
    places = files(binary, sorted({place[2] for places in (own, *calls.values()) for place in places if place[0] == ours}))
    shares, known = {}, {}

    def share(where, function, address):
        """{stage: part of 1} of an instruction there."""
        place = where, function, address
        if place not in known:
            known[place] = stage_of(where, places.get(address, ()) if where == ours else (), function)
        return {known[place]: 1.0} if known[place] else shares.get((where, function), {})

    # Who is behind functions of no stage: some rounds carry it through chains of them.
    for _ in range(12):
        for callee, callers in calls.items():
            mixed, whole = defaultdict(float), 0
            for (where, function, address), cost in callers.items():
                if (where, function) == callee:
                    continue
                for stage, part in share(where, function, address).items():
                    mixed[stage] += part * cost
                    whole += part * cost
            if whole:
                shares[callee] = {stage: part / whole for stage, part in mixed.items()}
    totals, functions = defaultdict(float), defaultdict(float)
    for (where, function, address), cost in own.items():
        parts = share(where, function, address) or {"other": 1.0}
        for stage, part in parts.items():
            totals[stage] += part * cost
            # What has no name is named by its library.
            name = where.rsplit("/", 1)[-1] + " " + function if function.startswith("0x") else function
            functions[stage, name] += part * cost
    return dict(totals), sorted(((cost, *key) for key, cost in functions.items()), reverse=True)
