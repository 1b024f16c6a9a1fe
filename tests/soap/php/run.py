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
        ran = subprocess.run(["php", HERE / "run.php"], env=os.environ | served.variables(), check=False)
        wrong = guide.run(served.blog, "php", ["php", "-d", "soap.wsdl_cache_enabled=0"])
    if wrong:
        print(f"FAILED the guide's snippet\n       {wrong}")
    return ran.returncode or (1 if wrong else 0)


if __name__ == "__main__":
    sys.exit(main())
