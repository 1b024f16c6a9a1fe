"""Lets schemathesis call every operation of the OpenAPI document: no 5xx, no answer that the document does not declare.

The blog is called as a person and as the service. The fixture, with its many operations and every kind of value, is called
as the service, with a fifth of the examples.

Usage: fuzz.py smoke|full    `full` takes 500 examples an operation, `smoke` 50 and the same ones each time
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
]
EXAMPLES = {"smoke": 50, "full": 500}
SEED = "20240229"


def fuzz(tally, server, counts, caller, headers, share):
    command = [
        Path(sys.executable).parent / "st", "run", f"{server.url}/rest/v1/openapi.json",
        "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES[counts] // share),
        "--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "20", "--workers", "1",
        "--warnings", "off",
    ]
    if counts == "smoke":
        command += ["--seed", SEED, "--no-shrink"]
    for name, value in headers.items():
        command += ["--header", f"{name}:{value}"]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "160"}
    done = subprocess.run(command, cwd=server.home, env=environment, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    tested = re.search(r"Tested:\s+(\d+)", said) or re.search(r"Operations:.*?(\d+) tested", said)
    cases = re.search(r"(\d+) generated", said)
    print(f"{caller}: {cases.group(1) if cases else '?'} cases, {tested.group(1) if tested else '?'} operations", flush=True)
    tally.check(f"schemathesis as {caller}", done.returncode == 0, said[-12000:])
    tally.check(f"operations were called as {caller}", cases is not None and int(cases.group(1)) > 100, said[-2000:])
    tally.check(f"the server lives on after {caller}", server.process.poll() is None, server.logged())


def service(server):
    """Both headers, or schemathesis makes up the one that is missing and is answered 401."""
    return {"apikey": server.secret, "Authorization": f"Bearer {server.secret}"}


def person(server):
    """A signed-in person."""
    return {"apikey": server.key, "Authorization": f"Bearer {server.token()}"}


def run(tally, counts, project, caller, headers, share):
    with Server(project) as server:
        fuzz(tally, server, counts, caller, headers(server), share)
        tally.check(f"the server ends cleanly after {caller}", server.stop() == 0, server.logged())
        log = (server.home / "server.log").read_bytes()
        tally.check(f"no panic in the log of {caller}", b"panicked" not in log, server.logged())


def main(words):
    counts = words[0] if words else "smoke"
    tally = Tally("schemathesis")
    blog, fixture = ROOT / "examples" / "blog", ROOT / "tests" / "fixture"
    runs = [
        (fixture, "the service of the fixture", service, 5),
        (blog, "the service of the blog", service, 1),
        (blog, "a person of the blog", person, 1),
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(run, tally, counts, *each) for each in runs]:
            done.result()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
