"""Starts what PHP's SoapClient is tested against, and the tests."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from served import Served  # noqa: E402


def main():
    with Served() as served:
        return subprocess.run(["php", HERE / "run.php"], env=os.environ | served.variables(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
