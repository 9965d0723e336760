"""The last table: a line for each goal, its figure beside the peer's, and whether it is met."""
import json
import statistics


def verdict(row, what, ours, goal, met, theirs=None, ratio=None, load=None, note=""):
    """`ours` and `theirs` as text with their unit; `ratio` as spread() makes it; `load` of one or more
    rounds, as generator() makes it; `met`: None where there is no goal."""
    load = [load] if isinstance(load, dict) else load
    return {"row": row, "what": what, "ours": ours, "theirs": theirs, "ratio": ratio, "goal": goal, "met": met,
            "note": note, "load": load and {
                "cores": statistics.median(one["cores"] for one in load),
                "limits": sum(one["limits"] for one in load) * 2 > len(load)}}


def at_least(ratio, bound):
    return ratio["median"] >= bound


def at_most(ratio, bound):
    return ratio["median"] <= bound


def shown(ratio):
    return "%.2f (%.2f-%.2f)" % (ratio["median"], ratio["least"], ratio["most"]) if ratio else ""


def table(verdicts):
    lines = ["| | what | engaged | beside it | ratio, median (least-most) | goal | | the load's own CPU |",
             "|---|---|--:|--:|--:|---|---|---|"]
    for one in verdicts:
        load = one["load"]
        lines.append("| %s | %s | %s | %s | %s | %s | %s | %s |" % (
            one["row"], one["what"], one["ours"], one["theirs"] or "", shown(one["ratio"]), one["goal"],
            "" if one["met"] is None else "met" if one["met"] else "MISSED",
            "%.2f cores%s" % (load["cores"], ", **the limit**" if load["limits"] else "") if load else ""))
    notes = ["%s: %s" % (one["row"], one["note"]) for one in verdicts if one["note"]]
    goals = [one for one in verdicts if one["met"] is not None]
    return lines + [""] + notes + ["%d of %d goals met" % (sum(one["met"] for one in goals), len(goals))]


def write(path, out):
    with open(path, "w") as f:
        json.dump(out, f, indent=1)
        f.write("\n")
