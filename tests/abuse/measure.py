"""What a refusal may cost, and how it is measured."""

import time
from pathlib import Path

from server import BINARY

# How long the server may work on a refusal once it is warm. An unoptimised binary takes several times as long.
QUICK_MILLIS = 300 if "debug" in BINARY.parts else 50
# What memory may grow by, in MB: until every thread has met the largest of it, and from then on.
SETTLED_MB, AGAIN_MB = 96, 8
ROUNDS = 3


def resident(server):
    """The server's own memory in MB: what is not of files."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def worked(server):
    """For how long the server's threads have been on a core, in milliseconds: what else the machine does is not in it."""
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1_000_000


def quickest(server, ask, is_right):
    """The last answer to what is asked `ROUNDS` times, and the least that it cost, in milliseconds of the clock or of cores."""
    best, answer = float("inf"), None
    for _ in range(ROUNDS):
        began, before = time.monotonic(), worked(server)
        answer = ask()
        took = (time.monotonic() - began) * 1000
        best = min(best, took, worked(server) - before)
        if not is_right(answer):
            break
    return answer, best
