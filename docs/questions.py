"""The page questions.md as data: its questions, their SQL, and what is made from them.

The page's prose and SQL are written by hand; the answers under them, and the canned queries and
descriptions of deploy/datasette/metadata.yaml, are made by make-questions.
"""
import json, os, re, sqlite3

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "questions.md")
VIEWS = os.path.join(ROOT, "schemas", "views.md")
METADATA = os.path.join(ROOT, "deploy", "datasette", "metadata.yaml")
ROWS = 6

SECTION = re.compile(r"^## (\d+)\. ([^\n]+)\n\n(.*?)```sql\n(.*?)```\n\n(.*?)(?=^## |\Z)", re.M | re.S)


class Question:
    def __init__(self, match):
        self.number, self.title = int(match[1]), match[2]
        self.text, self.sql, self.answer = match[3].strip(), match[4].strip().rstrip(";"), match[5].strip()

    @property
    def columns(self):
        """Of the answer on the page."""
        return [c.strip() for c in self.answer.splitlines()[0].strip("|").split("|")]


def questions():
    return [Question(m) for m in SECTION.finditer(read(PAGE))]


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def run(ledger, sql):
    """The columns and rows of a question."""
    c = sqlite3.connect("file:%s?mode=ro" % ledger, uri=True)
    try:
        cursor = c.execute(sql)
        return [d[0] for d in cursor.description], cursor.fetchall()
    finally:
        c.close()


def table(columns, rows):
    def cell(value):
        text = "" if value is None else "%.3f" % value if isinstance(value, float) and value != round(value, 3) else str(value)
        return text.replace("|", "\\|")
    lines = ["| %s |" % " | ".join(columns), "|%s" % ("---|" * len(columns))]
    lines += ["| %s |" % " | ".join(map(cell, row)) for row in rows[:ROWS]]
    if len(rows) > ROWS:
        lines += ["", "… and %d more." % (len(rows) - ROWS)]
    return "\n".join(lines)


def answered(ledger):
    """The page with answers from this ledger."""
    def section(m):
        return m[0][:m.start(5) - m.start()] + table(*run(ledger, m[4])) + "\n\n"
    return SECTION.sub(section, read(PAGE)).rstrip() + "\n"


def metadata():
    """Datasette's description of ledger.sqlite, as YAML."""
    out = ["# Made by docs/make-questions from docs/questions.md and schemas/views.md; don't edit.",
           "# It holds people: leave Datasette on the loopback address, or put a login before it.",
           "title: engaged", "description: What each customer did, and what we did for each.",
           "databases:", "  ledger:", "    queries:"]
    for q in questions():
        out += ["      q%02d:" % q.number, "        title: " + quoted("%d. %s" % (q.number, q.title))]
        if q.text:
            out.append("        description: " + quoted(" ".join(q.text.split())))
        out += ["        sql: |-"] + ["          " + line for line in q.sql.splitlines()]
    out.append("    tables:")
    for name, text, columns in views():
        out += ["      %s:" % name, "        description: " + quoted(text), "        columns:"]
        out += ["          %s: %s" % (column, quoted("%s (%s)" % (meaning, unit))) for column, unit, meaning in columns]
    return "\n".join(out) + "\n"


def views():
    """Name, description and columns (name, unit, meaning) of every view and table."""
    for part in re.split(r"^### ", read(VIEWS), flags=re.M)[1:]:
        name, rest = part.split("\n", 1)
        text = rest.split("| column |")[0]
        columns = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", rest, re.M)
        yield name.strip("`"), " ".join(text.split()), columns


def quoted(text):
    # A JSON string is a YAML string.
    return json.dumps(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text), ensure_ascii=False)
