"""Lets schemathesis call every operation of the OpenAPI document: no 5xx, no answer that the document does not declare.

Usage: fuzz.py smoke|full    `full` takes 500 examples an operation, `smoke` 50 and the same ones each time
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
]
EXAMPLES = {"smoke": "50", "full": "500"}
SEED = "20240229"


def fuzz(tally, server, counts, caller, headers):
    command = [
        Path(sys.executable).parent / "st", "run", f"{server.url}/rest/v1/openapi.json",
        "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES[counts],
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


def main(words):
    counts = words[0] if words else "smoke"
    tally = Tally("schemathesis")
    with Server(ROOT / "examples" / "blog") as server:
        user = {"apikey": server.key, "Authorization": f"Bearer {server.token()}"}
        fuzz(tally, server, counts, "user", user)
        # Both headers, or schemathesis makes up the one that is missing and is answered 401.
        service = {"apikey": server.secret, "Authorization": f"Bearer {server.secret}"}
        fuzz(tally, server, counts, "service", service)
        tally.check("the server ends cleanly", server.stop() == 0, server.logged())
        tally.check("no panic in the log", "panicked" not in server.logged(), server.logged())
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
