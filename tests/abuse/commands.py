"""Bad files and arguments for the commands: each ends with 1 or 2 and says what is wrong; none panics, hangs or is silent.

A case is: what, the files beside the schema, the arguments, a word that the message says (None: it may also be accepted).
`check` reads schema and settings.
"""

import subprocess
import tempfile
from pathlib import Path

from server import BINARY

SECONDS = 30
DEEP = 100_000
GOOD = "type Post @model @allow(to: [READ]) {\n  id: ID!\n  title: String!\n  n: Int\n}\n"


def schema(what, text, says=""):
    return what, {"schema.graphql": text}, ["check"], says


def rule(what, when, says=""):
    return schema(f"rule: {what}", f"type Post @model @allow(to: [READ], when: {when}) {{\n  id: ID!\n  title: String!\n}}\n", says)


def seed(what, name, text, says=""):
    return f"seed: {what}", {"schema.graphql": GOOD, name: text}, ["seed", name], says


def settings(what, text, says=""):
    return f"settings: {what}", {"schema.graphql": GOOD, "bistro.toml": text}, ["check"], says


def words(what, *arguments, says=""):
    return f"arguments: {what}", {"schema.graphql": GOOD}, list(arguments), says


CASES = [
    ("no schema", {}, ["check"], "schema.graphql"),
    schema("an empty schema", "", None),
    schema("NUL bytes", b"type Post @model {\x00 id: ID! }"),
    schema("invalid UTF-8", b"type Post @model { id: ID! # \xff\xfe\n}", "UTF-8"),
    schema("a text that does not end", 'type Post @model { id: ID! "never', ""),
    schema("brackets, 100k deep", "type Post @model { id: " + "[" * DEEP + "ID" + "]" * DEEP + " }"),
    schema("braces, 100k deep", "{" * DEEP),
    schema("a value, 100k deep", "type Post @model @index(fields: " + "[" * DEEP + "]" * DEEP + ") { id: ID! }"),
    schema("10 MB", "#" * 10_000_000 + "\n" + GOOD),
    schema("ten thousand mistakes", "type Post @model @allow(to: [READ]) {\n  id: ID!\n" + "".join(f"  f{n}: Strng!\n" for n in range(10_000)) + "}", "1000 fields"),
    schema("an unknown type", GOOD.replace("String", "Strng"), "String"),
    schema("an unknown directive", GOOD.replace("@model", "@modle"), "@model"),
    schema("a field twice", GOOD.replace("n: Int", "title: Int"), "title"),
    schema("a type twice", GOOD + GOOD, "Post"),
    schema("a reserved prefix", GOOD.replace("Post", "bistro_x")),
    schema("a shape that is not there yet", GOOD.replace("@model", "@document"), "@document"),
    schema("a pattern that is not one", GOOD.replace("String!", 'String! @pattern(regex: "(")'), "title"),
    schema("a default of the wrong type", GOOD.replace("Int", 'Int @default(value: "x")'), "n"),
    schema("a precision out of range", GOOD.replace("Int", "Decimal @decimal(precision: 99, scale: 98)"), "precision"),
    rule("nothing", '""'),
    rule("half a condition", '"row.title =="'),
    rule("an unknown field", '"row.nonsense == 1"', "nonsense"),
    rule("the wrong type", '"row.title == 1"'),
    rule("not a condition", '"row.title"'),
    rule("brackets, 100k deep", '"' + "(" * DEEP + "true" + ")" * DEEP + '"'),
    rule("nots, 3k deep", '"' + "!" * 3000 + 'true"', None),
    rule("longer than 4 KB", '"' + "true && " * 1000 + 'true"', "4"),
    rule("a comprehension in a comprehension", '"row.title.exists(a, a.exists(b, b.exists(c, true)))"'),
    settings("not TOML", "= 3"),
    settings("an unknown key", '[server]\nlisten = "127.0.0.1:0"\nlisetn = 1\n', "listen"),
    settings("an unknown table", "[sever]\n", "server"),
    settings("the wrong type", "[server]\nlisten = 3\n", "listen"),
    settings("an address that is not one", '[server]\nlisten = "nowhere"\n', "listen"),
    settings("invalid UTF-8", b"[server]\nlisten = \"\xff\"\n", "UTF-8"),
    settings("brackets, 100k deep", "a = " + "[" * DEEP),
    seed("not JSON", "posts.json", "nonsense", "posts.json"),
    seed("JSON that does not end", "posts.json", '[{"title": "a"', "posts.json"),
    seed("the wrong form", "posts.json", '{"posts": 3}', "posts"),
    seed("an unknown collection", "nowhere.json", "[]", "nowhere"),
    seed("an unknown field", "posts.jsonl", '{"title": "a"}\n{"tilte": "b"}\n', "posts.jsonl:2"),
    seed("a member twice", "posts.json", '[{"title": "a", "title": "b"}]', "title"),
    seed("the wrong type", "posts.jsonl", '{"title": "a"}\n{"title": "b", "n": "many"}\n', "posts.jsonl:2"),
    seed("a required field missing", "posts.json", '[{"n": 1}]', "title"),
    seed("a key twice", "posts.jsonl", '{"id": "01920000-0000-7000-8000-000000000001", "title": "a"}\n' * 2, "posts.jsonl:2"),
    seed("invalid UTF-8", "posts.json", b'[{"title": "\xff"}]', "posts.json"),
    seed("NUL", "posts.json", '[{"title": "a\\u0000"}]', "posts.json"),
    seed("lists, 100k deep", "posts.json", "[" * DEEP + "]" * DEEP, "posts.json"),
    seed("CSV with too many cells", "posts.csv", "title,n\na,1,2\n", "posts.csv:2"),
    seed("CSV with a quote that does not end", "posts.csv", 'title,n\na,1\n"b,2\n', "posts.csv:3"),
    seed("CSV of the wrong type", "posts.csv", "title,n\na,1\nb,many\n", "posts.csv:3"),
    seed("CSV with an unknown column", "posts.csv", "title,m\na,1\n", "posts.csv"),
    seed("a form that is not there", "posts.xml", "<a/>", "posts.xml"),
    words("a command that is not there", "srve", says="serve"),
    words("a file that is not there", "seed", "nothing.json", says="nothing.json"),
    words("a folder that is not there", "check", "nowhere", says="nowhere"),
    words("a request that is not one", "explain", "nonsense", says=""),
    words("a request for what is not there", "explain", "GET /rest/v1/nowhere", says="nowhere"),
    words("a caller that is not one", "explain", "GET /rest/v1/posts", "--as", "{", says=""),
    words("a role that is not there", "keys", "token", "--sub", "x", "--role", "emperor", says="emperor"),
    words("a time that is not one", "keys", "token", "--sub", "x", "--ttl", "soon", says="soon"),
    words("claims that are not", "keys", "token", "--sub", "x", "--claims", "[1]", says=""),
    words("a key that is not there", "keys", "revoke", "nobody", says="nobody"),
    words("an address that is not one", "serve", "--listen", "nowhere", says="nowhere"),
    words("open to everybody", "dev", "--open", "--listen", "0.0.0.0:0", says="this machine"),
]


def commands(tally):
    """Runs the table, each case in a folder of its own."""
    for what, files, arguments, says in CASES:
        with tempfile.TemporaryDirectory(prefix="bistro-test-") as folder:
            for name, text in files.items():
                (Path(folder) / name).write_bytes(text if isinstance(text, bytes) else text.encode())
            try:
                done = subprocess.run([BINARY, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
            except subprocess.TimeoutExpired:
                tally.check(what, False, f"no end within {SECONDS} s")
                continue
            said = (done.stdout + done.stderr).decode("utf-8", "replace")
            ends = done.returncode in (1, 2) and says.lower() in said.lower() if says is not None else done.returncode in (0, 1)
            fine = ends and said.strip() and "panicked" not in said and len(said) < 200_000
            tally.check(what, fine, f"exit {done.returncode}, expected {says!r} in {len(said)} bytes: {said[:600]}")
