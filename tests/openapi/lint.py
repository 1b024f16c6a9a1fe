"""Lints the OpenAPI documents that each kind of caller is given, with redocly and spectral: no errors."""

import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

PROJECTS = {"blog": (ROOT / "examples" / "blog", "editor"), "fixture": (ROOT / "tests" / "fixture", "keeper")}
TOOLS = HERE / "node_modules" / ".bin"


def document(server, headers):
    request = urllib.request.Request(f"{server.url}/rest/v1/openapi.json", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def documents(server, name, role, folder):
    """One file for each kind of caller."""
    callers = {
        "anon": {"apikey": server.key},
        "user": {"apikey": server.key, "Authorization": f"Bearer {server.token()}"},
        role: {"apikey": server.key, "Authorization": f"Bearer {server.token(role=role)}"},
        "service": {"apikey": server.secret},
    }
    files = []
    for caller, headers in callers.items():
        path = folder / f"{name}-{caller}.json"
        path.write_text(json.dumps(document(server, headers), indent=1), "utf-8")
        files.append(path)
    return files


def plain_paths(path):
    """Drops paths with escapes: spectral decodes them while it looks for the operation, and then misses it."""
    shown = json.loads(path.read_text("utf-8"))
    shown["paths"] = {name: item for name, item in shown["paths"].items() if "%" not in name}
    path.write_text(json.dumps(shown, indent=1), "utf-8")


def lint(tally, tool, arguments, path):
    quiet = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    command = [TOOLS / tool, *arguments, str(path)]
    done = subprocess.run(command, cwd=HERE, env=quiet, capture_output=True, text=True, timeout=300)
    tally.check(f"{tool} {path.name}", done.returncode == 0, (done.stdout + done.stderr).strip()[:4000])


def judge(tally, path):
    shown = json.loads(path.read_text("utf-8"))
    tally.check(f"{path.name} is OpenAPI 3.1", shown["openapi"].startswith("3.1"), shown["openapi"])
    tally.check(f"{path.name} has paths", len(shown["paths"]) > 1, str(list(shown["paths"])))
    lint(tally, "redocly", ["lint", "--config=redocly.yaml", "--format=stylish"], path)
    plain_paths(path)
    lint(tally, "spectral", ["lint", "--ruleset=.spectral.yaml", "--fail-severity=error"], path)


def main():
    tally = Tally("openapi lint")
    for name, (project, role) in PROJECTS.items():
        with Server(project) as server:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(lambda path: judge(tally, path), documents(server, name, role, server.home)))
            printed = json.loads(server.bistro("openapi", "--as", "service"))
            served = document(server, {"apikey": server.secret})
            tally.check(f"{name}: the command prints what is served", printed["paths"].keys() == served["paths"].keys())
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
