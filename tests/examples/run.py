"""Runs the commands of the examples' READMEs and of the guide, and compares what they print with what the page says.

`sh` blocks run in a shell of their own, in the example's folder, against a freshly seeded server; a `json` or `text` block
right after one is what it must print. `bash` blocks are for people. The rules are those of `examples/README.md`.

Usage: run.py [WORD]   runs only the pages whose path contains WORD
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from server import BINARY, ROOT, Server, Tally  # noqa: E402

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SECONDS = 60
CHINOOK = Path(os.environ.get("BISTRO_CHINOOK_DIR") or ROOT.parent / "shared" / "data" / "chinook")


def commands(page):
    """(line, command, kind, expected) for each `sh` block of a page."""
    text = page.read_text("utf-8")
    blocks = [(m.start(), m.end(), m.group(1), m.group(2)) for m in BLOCK.finditer(text)]
    for i, (start, end, kind, body) in enumerate(blocks):
        if kind != "sh":
            continue
        line = text.count("\n", 0, start) + 1
        after = blocks[i + 1] if i + 1 < len(blocks) else None
        shown = after and after[2] in ("json", "text") and not text[end:after[0]].strip()
        yield line, body, after[2] if shown else None, after[3] if shown else None


def exact(text):
    """JSON with its numbers as they are written, so that 10.00 is not 10."""
    return json.loads(text, parse_float=str, parse_int=str)


def same(kind, expected, printed):
    if kind is None:
        return True
    if kind == "text":
        return expected.strip() == printed.strip()
    try:
        return exact(expected) == exact(printed)
    except ValueError:
        return False


def run_page(tally, page, server, environment):
    shown = page.relative_to(ROOT)
    found = 0
    for line, command, kind, expected in commands(page):
        found += 1
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=server.folder, env=environment, capture_output=True, text=True, timeout=SECONDS,
        )
        said = f"printed  {done.stdout.strip()}\n       expected {(expected or '').strip()}\n       {done.stderr.strip()}"
        fine = done.returncode == 0 and same(kind, expected, done.stdout)
        tally.check(f"{shown}:{line} (exit {done.returncode})", fine, said)
    return found


def visit(tally, project, pages, prepare=None, twice=False):
    """Runs pages against one server each, seeded from the example."""
    for page in pages:
        if not any(True for _ in commands(page)):
            continue
        with Server(project, command="dev") as server:
            if prepare:
                prepare(server)
            path = server.home / "bin"
            path.mkdir()
            (path / "bistro").symlink_to(BINARY)
            scratch = server.home / "tmp"
            scratch.mkdir()
            environment = server.environment | {
                "PATH": f"{path}:{os.environ['PATH']}", "TMPDIR": str(scratch),
                "BISTRO_URL": server.url, "KEY": server.key, "SECRET": server.secret,
            }
            for _ in range(2 if twice else 1):
                run_page(tally, page, server, environment)


def load_chinook(server):
    rows = server.home / "rows"
    subprocess.run([sys.executable, str(server.folder / "load.py"), str(CHINOOK), str(rows)], check=True, stdout=subprocess.DEVNULL)
    server.bistro("seed", *sorted(str(p) for p in rows.glob("*.jsonl")))


def main(words):
    word = words[0] if words else ""
    wanted = lambda pages: [p for p in pages if word in str(p.relative_to(ROOT))]
    tally = Tally("examples")
    examples = ROOT / "examples"
    for name in ("todo", "blog"):
        # Their commands put back what they change, so a second time must answer the same.
        visit(tally, examples / name, wanted([examples / name / "README.md"]), twice=True)
    visit(tally, examples / "blog", wanted(sorted((ROOT / "docs" / "guide").glob("**/*.md"))))
    chinook = wanted([examples / "chinook" / "README.md"])
    if (CHINOOK / "Chinook_Sqlite.sqlite").is_file():
        visit(tally, examples / "chinook", chinook, prepare=load_chinook, twice=True)
    elif chinook:
        print(f"NOT RUN: examples/chinook, as {CHINOOK}/Chinook_Sqlite.sqlite is not there (BISTRO_CHINOOK_DIR names its folder)")
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
