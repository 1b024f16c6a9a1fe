"""Bad input against the running server: always a 4xx with the error object, never a 5xx, a hang or silence.

Usage: run.py smoke|full [SEED]    2,000 spoiled requests, the same each time, or 50,000 of another seed
"""

import json
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from bad_input import CASES  # noqa: E402
from commands import commands  # noqa: E402
from graphql import graphql  # noqa: E402
from hidden import PLACES  # noqa: E402
from mutate import requests  # noqa: E402
from server import ROOT, Server, Tally  # noqa: E402
from soap import soap  # noqa: E402
from wire import raw, send  # noqa: E402

# How long one bad request may take: far more than it should, far less than a hang.
SECONDS = 5
# As from many addresses: all of them come from one here.
SETTINGS = {"BISTRO_LIMITS__FAILED_SIGN_INS_ADDRESS": "1000/min"}
SPOILED = {"smoke": 2_000, "full": 50_000}


def timed(tally, what, call):
    """The answer, or None for a hang."""
    began = time.monotonic()
    try:
        answer = call()
    except OSError as error:
        tally.check(what, False, f"no answer: {error}")
        return None
    took = time.monotonic() - began
    if took > SECONDS:
        tally.check(f"{what}: in time", False, f"{took:.1f} s")
    return answer


def bad_input(tally, server):
    for what, method, path, headers, body, statuses, says in CASES:
        answer = timed(tally, what, lambda: send(server.url, method, path, {"apikey": server.key} | headers, body))
        if answer is None:
            continue
        right = answer.status in statuses if statuses else 400 <= answer.status < 500
        if right and answer.status >= 400:
            right = answer.error() is not None and says.lower() in answer.body.decode("utf-8", "replace").lower()
        wanted = f"{statuses or '4xx'}" + (f" that says {says!r}" if says else "")
        tally.check(what, right, f"expected {wanted}, got {answer!r}")


def outside_http(tally, server):
    """What is not HTTP: a 4xx or a closed connection, at once."""
    host = b"Host: x\r\n"
    for what, data in {
        "no HTTP": b"hello\r\n\r\n",
        "a NUL byte in the line": b"GET /rest/v1/\x00 HTTP/1.1\r\n" + host + b"\r\n",
        "raw invalid UTF-8 in the line": b"GET /rest/v1/\xff\xfe HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n",
        "a space in the line": b"GET /rest/v1/a b HTTP/1.1\r\n" + host + b"\r\n",
        "a NUL byte in a header": b"GET /rest/v1/ HTTP/1.1\r\nX: a\x00b\r\n" + host + b"\r\n",
        "a header of 100 KB": b"GET /rest/v1/ HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n" + host + b"Connection: close\r\n\r\n",
        "two hundred headers": b"GET /rest/v1/ HTTP/1.1\r\n" + b"X: y\r\n" * 200 + host + b"Connection: close\r\n\r\n",
        "two lengths": b"POST /rest/v1/books HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n" + host + b"\r\n{}x",
        "a length that is not one": b"POST /rest/v1/books HTTP/1.1\r\nContent-Length: -1\r\n" + host + b"\r\n{}",
        "a length and chunks": b"POST /rest/v1/books HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n" + host + b"\r\n0\r\n\r\n",
        "chunks that are not": b"POST /rest/v1/books HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n" + host + b"\r\nzz\r\n",
        "HTTP/3.0": b"GET /rest/v1/ HTTP/3.0\r\n" + host + b"\r\n",
    }.items():
        answer = timed(tally, what, lambda: raw(server.url, data))
        if answer is not None:
            tally.check(what, answer.status == 0 or 400 <= answer.status <= 505 and answer.status != 500, repr(answer))


def plain(answer, name, unknown):
    """The answer with the hidden name written as the unknown one, without what differs between any two requests."""
    said = answer.body.decode("utf-8", "replace").replace(name, unknown)
    try:
        body = json.loads(said)
        if isinstance(body, dict):
            body.pop("instance", None)
    except ValueError:
        body = re.sub("<requestId>[^<]*", "", said)
    differing = ("date", "x-request-id", "content-length", "etag")
    headers = {k: v.replace(name, unknown) for k, v in answer.headers.items() if k not in differing}
    return answer.status, headers, body


def hidden(tally, server):
    credentials = {"apikey": server.key}
    for kind, names, places in PLACES:
        for name, unknown in names.items():
            for what, method, path, headers, body in places:
                ask = lambda word: send(server.url, method, path.replace("{}", word), credentials | headers, body and body.replace("{}", word))
                what = f"hidden {kind} {name}: {what}"
                first, second = timed(tally, what, lambda: ask(name)), timed(tally, what, lambda: ask(unknown))
                if first is None or second is None:
                    continue
                refused = 400 <= first.status < 500
                alike = plain(first, name, unknown) == plain(second, unknown, unknown)
                tally.check(what, refused and alike, f"hidden  {first!r} {first.headers}\n       unknown {second!r} {second.headers}")
    document = send(server.url, "GET", "/rest/v1/openapi.json", credentials).body.decode()
    for word in ("alias", "sealed", "vault", "combination", "keeper"):
        tally.check(f"hidden {word}: the document", word not in document.lower())
    secret = send(server.url, "GET", "/rest/v1/openapi.json", {"apikey": server.secret}).body.decode()
    tally.check("hidden: not even the secret key sees what never leaves", '"sealed"' not in secret and '"alias"' in secret)


def spoiled(tally, server, seed, count):
    """Good requests, spoiled at random."""
    statuses = {}
    for number, (method, path, headers, body) in enumerate(requests(seed, count)):
        what = f"spoiled request {number} of seed {seed}"
        answer = timed(tally, what, lambda: send(server.url, method, path, {"apikey": server.key} | headers, body))
        if answer is None:
            continue
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        # A broken header can end before our server sees it as a request; everything else must be answered in form.
        fine = answer.status in range(200, 400) or answer.status in range(400, 500) and (method == "HEAD" or answer.error() is not None)
        tally.check(what, fine, f"{method} {path} {headers} {body!r}\n       {answer!r}")
    print(f"spoiled requests: {count} of seed {seed}, statuses {dict(sorted(statuses.items()))}", flush=True)


def main(words):
    counts = words[0] if words else "smoke"
    seed = int(words[1]) if len(words) > 1 else 1 if counts == "smoke" else random.randrange(1 << 32)
    tally = Tally("abuse")
    commands(tally)
    with Server(ROOT / "tests" / "fixture", settings=SETTINGS) as server:
        outside_http(tally, server)
        hidden(tally, server)
        bad_input(tally, server)
        graphql(tally, server)
        soap(tally, server)
        spoiled(tally, server, seed, SPOILED[counts])
        alive = send(server.url, "GET", "/rest/v1/reservations?select=room_name&id=eq.1", {"apikey": server.key})
        tally.check("the server serves on", alive.status == 200 and json.loads(alive.body) == [{"room_name": "Emerald"}], repr(alive))
        tally.check("it is ready", send(server.url, "GET", "/health/ready").status == 200)
        tally.check("no panic in the log", b"panicked" not in (server.home / "server.log").read_bytes(), server.logged())
        tally.check("the server ends cleanly", server.stop() == 0, server.logged())
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
