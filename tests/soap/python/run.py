"""Python's zeep at the built binary, over SOAP 1.1 and 1.2; each answer is held against the schema of the document."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import guide  # noqa: E402
from served import Served  # noqa: E402
from server import Tally  # noqa: E402

import blog  # noqa: E402
import fixture  # noqa: E402
from callers import Site, answer  # noqa: E402


def run(tally, site, cases):
    for name, call, expected in cases:
        try:
            got = answer(call, site)
        except Exception as error:  # noqa: BLE001 - told, and the others are tried
            got = repr(error)
        tally.check(f"{site.port}: {name}", got == expected, f"{got!r}\n       is not {expected!r}")


def main():
    tally = Tally("zeep")
    with Served() as served:
        for port in ["BistroSoap", "BistroSoap12"]:
            run(tally, Site(served, served.blog, port), blog.READS + blog.WRITES + blog.REFUSALS)
            run(tally, Site(served, served.blog, port, "&nil=true"), blog.NULLS)
            run(tally, Site(served, served.fixture, port), fixture.OTHERS + fixture.VALUES)
        wrong = guide.run(served.blog, "python", [sys.executable, "-"])
        tally.check("the guide's snippet", wrong is None, wrong)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
