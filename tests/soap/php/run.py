"""Starts what PHP's SoapClient is tested against, and the tests."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import guide  # noqa: E402
from served import Served  # noqa: E402


def main():
    with Served() as served:
        told = served.variables() | guide.variables(served.blog) | {"GUIDE": guide.snippet("php")}
        return subprocess.run(["php", HERE / "run.php"], env=os.environ | told, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
