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
import guide  # noqa: E402
from served import Served  # noqa: E402
from server import ROOT  # noqa: E402

DOCUMENTS = ["blog.wsdl", "blog-1.1.wsdl", "blog-anonymous.wsdl", "blog-nil.wsdl", "fixture.wsdl", "fixture-1.1.wsdl"]

# What stands around the guide's snippet.
GUIDE = """package bistro;

import blog.*;
import jakarta.xml.ws.BindingProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class Guide {
    static void run() throws Exception {
SNIPPET
    }
}
"""

# One short run: nothing pays for the second compiler.
MAVEN_OPTS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dslf4j.internal.verbosity=ERROR"


def documents(served, folder):
    """What is built is built from the documents of the secret key."""
    blog, fixture = served.blog, served.fixture
    asked = [(blog, "", blog.secret), (blog, "&soap=1.1", blog.secret), (blog, "", blog.key), (blog, "&nil=true", blog.secret),
             (fixture, "", fixture.secret), (fixture, "&soap=1.1", fixture.secret)]
    folder.mkdir(parents=True, exist_ok=True)
    for name, (server, more, key) in zip(DOCUMENTS, asked, strict=True):
        request = urllib.request.Request(f"{server.url}/soap/v1?wsdl{more}", headers={"apikey": key})
        with urllib.request.urlopen(request) as reply:
            (folder / name).write_bytes(reply.read())
    (folder / "bistro.wsdl").write_text(blog.bistro("wsdl", "--as", "service"), "utf-8")


def snippet(folder):
    """The guide's snippet as a class beside those of the tests."""
    folder.mkdir(parents=True)
    (folder / "Guide.java").write_text(GUIDE.replace("SNIPPET", guide.snippet("java")), "utf-8")


def main():
    out = Path(os.environ.get("MAVEN_OUT") or ROOT / "target" / "tests" / "soap" / "java").resolve()
    folder = out / "wsdl"
    # What an earlier document said is no part of what is compiled.
    shutil.rmtree(out / "generated", ignore_errors=True)
    snippet(out / "generated" / "bistro")
    with Served() as served:
        documents(served, folder)
        command = ["mvn", "--batch-mode", "--quiet", "--file", HERE / "pom.xml", f"-Dout={out}", f"-Dwsdl={folder}",
                   f"-Dexec.args={folder.as_uri()} {','.join(DOCUMENTS)}", "compile", "exec:java"]
        variables = os.environ | served.variables() | guide.variables(served.blog) | {"MAVEN_OPTS": MAVEN_OPTS}
        return subprocess.run(command, cwd=folder, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
