"""Gets the documents of the running servers, lets Apache CXF make classes of them, and runs its tests; one run of Maven.

`MAVEN_OUT` names the folder that it builds into.
"""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from served import Served  # noqa: E402
from server import ROOT  # noqa: E402

DOCUMENTS = ["blog.wsdl", "blog-1.1.wsdl", "blog-anonymous.wsdl", "fixture.wsdl", "fixture-1.1.wsdl"]


# One short run: nothing pays for the second compiler.
MAVEN_OPTS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dslf4j.internal.verbosity=ERROR"


def documents(served, folder):
    """What is built is built from the documents of the secret key."""
    blog, fixture = served.blog, served.fixture
    asked = [(blog, "", blog.secret), (blog, "&soap=1.1", blog.secret), (blog, "", blog.key),
             (fixture, "", fixture.secret), (fixture, "&soap=1.1", fixture.secret)]
    folder.mkdir(parents=True, exist_ok=True)
    for name, (server, version, key) in zip(DOCUMENTS, asked, strict=True):
        request = urllib.request.Request(f"{server.url}/soap/v1?wsdl{version}", headers={"apikey": key})
        with urllib.request.urlopen(request) as reply:
            (folder / name).write_bytes(reply.read())


def main():
    out = Path(os.environ.get("MAVEN_OUT") or ROOT / "target" / "tests" / "soap" / "java").resolve()
    folder = out / "wsdl"
    # What an earlier document said is no part of what is compiled.
    shutil.rmtree(out / "generated", ignore_errors=True)
    with Served() as served:
        documents(served, folder)
        command = ["mvn", "--batch-mode", "--quiet", "--file", HERE / "pom.xml", f"-Dout={out}", f"-Dwsdl={folder}",
                   f"-Dexec.args={folder.as_uri()} {','.join(DOCUMENTS)}", "compile", "exec:java"]
        variables = os.environ | served.variables() | {"MAVEN_OPTS": MAVEN_OPTS}
        return subprocess.run(command, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
