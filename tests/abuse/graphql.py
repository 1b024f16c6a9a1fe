"""GraphQL made to hurt, over HTTP and over sockets: refused at once, in little memory, and the server serves on."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from documents import REFUSED, body
from frames import Frames
from measure import AGAIN_MB, QUICK_MILLIS, ROUNDS, SETTLED_MB, quickest, resident
from wire import send

SOCKETS = 1_000
# Close codes of the protocol and of WebSockets.
TIMEOUT, TOO_MANY, TOO_LARGE, UNAUTHORIZED, BAD = 4408, 4429, 1009, 4401, 4400


def post(server, text):
    return send(server.url, "POST", "/graphql/v1", {"apikey": server.key, "Content-Type": "application/json"}, text)


def is_refused(answer):
    """Whether it is an error in form, without data."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return False
    if answer.status != 200:
        return 400 <= answer.status < 500 and bool(said.get("errors") or said.get("message"))
    errors = said.get("errors")
    return "data" not in said and bool(errors) and all(e["message"] and e["extensions"]["code"] != "INTERNAL_SERVER_ERROR" for e in errors)


def documents(tally, server):
    """Each document is refused at once, in form and in few words."""
    for what, text in REFUSED.items():
        answer, millis = quickest(server, lambda text=text: post(server, text), is_refused)
        tally.check(f"graphql: {what}: refused", is_refused(answer), repr(answer))
        tally.check(f"graphql: {what}: at once", millis < QUICK_MILLIS, f"{millis:.0f} ms")
        tally.check(f"graphql: {what}: briefly", len(answer.body) < 8_192, f"{len(answer.body)} bytes")


def persisted(tally, server):
    """Hashes that are not those of their texts, and more texts than are kept."""
    wrong = {"query": "{__typename}", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    tally.check("graphql: a hash that is not the text's", is_refused(post(server, json.dumps(wrong))))
    for number in range(2_000):
        post(server, body(f"query q{number} {{users(first: {number % 1000 + 1}) {{totalCount}}}} #" + "x" * 8_000))


def close_codes(tally, server):
    """What ends a socket, and by which code."""
    live = {"query": "subscription {users {totalCount}}"}

    def flood(frames):
        for number in range(1_000):
            frames.say("subscribe", id=str(number), payload=live)

    def pings(frames):
        for _ in range(10_000):
            frames.say("ping")

    greeted = {
        "a message of 1 MB": (lambda frames: frames.say("ping", payload={"x": "x" * 1_000_000}), {TOO_LARGE}),
        "a thousand subscriptions": (flood, {TOO_MANY}),
        "ten thousand pings": (pings, {TOO_MANY}),
        "100,000 brackets": (lambda frames: frames.send("[" * 60_000), {BAD}),
        "bytes that are no text": (lambda frames: frames.send(b"\xff\xfe"), {1007, BAD}),
        "a binary message": (lambda frames: frames.send(b"{}", opcode=2), {1003}),
        "an id of 10 KB": (lambda frames: frames.say("subscribe", id="x" * 10_000, payload=live), {BAD}),
    }
    for what, (speak, codes) in greeted.items():
        with Frames(server.url) as frames:
            frames.greet(server.key)
            began = time.monotonic()
            speak(frames)
            code, took = frames.close_code(), time.monotonic() - began
            tally.check(f"graphql socket: {what}", code in codes, f"closed with {code}")
            tally.check(f"graphql socket: {what}: at once", took < 2, f"{took:.1f} s")
    with Frames(server.url) as frames:
        frames.say("subscribe", id="1", payload=live)
        tally.check("graphql socket: an operation of nobody", frames.close_code() == UNAUTHORIZED)


def refused_operations(tally, server):
    """The documents that hurt most, as operations of a socket: each an error, and the socket stays."""
    small = {what: text for what, text in REFUSED.items() if len(text) < 60_000 and text.startswith('{"query"') and "variables" not in text}
    with Frames(server.url) as frames:
        frames.greet(server.key)
        for number, (what, text) in enumerate(small.items()):
            frames.send('{"type": "subscribe", "id": "%d", "payload": %s}' % (number, text))
            opcode, data = frames.frame()
            said = json.loads(data) if opcode == 1 else {}
            if not tally.check(f"graphql socket: {what}", said.get("type") == "error" and said["id"] == str(number), f"{opcode} {data[:300]!r}"):
                return


def silent(tally, server):
    """A thousand sockets that say nothing: closed when their time is over, while others are served."""
    with ThreadPoolExecutor(50) as threads:
        sockets = list(threads.map(lambda _: Frames(server.url), range(SOCKETS)))
        began = time.monotonic()
        answer = post(server, body("{users {totalCount}}"))
        tally.check("graphql socket: others are served", answer.status == 200 and b'"data"' in answer.body, repr(answer))
        tally.check("graphql socket: others are served at once", time.monotonic() - began < 1)
        codes = list(threads.map(Frames.close_code, sockets))
        took = time.monotonic() - began
    for frames in sockets:
        frames.line.close()
    tally.check("graphql socket: a thousand without a word", codes == [TIMEOUT] * SOCKETS, repr({c: codes.count(c) for c in set(codes)}))
    tally.check("graphql socket: a thousand without a word: in time", took < 6, f"{took:.1f} s")


def again(server):
    """All documents, a few times over."""
    for _ in range(ROUNDS):
        for text in REFUSED.values():
            post(server, text)
    return resident(server)


def graphql(tally, server):
    """All of it; then once more, to see that nothing grows."""
    began = resident(server)
    documents(tally, server)
    persisted(tally, server)
    close_codes(tally, server)
    refused_operations(tally, server)
    silent(tally, server)
    settled = again(server)
    ended = again(server)
    print(f"graphql: memory {began:.0f} MB, {settled:.0f} MB after everything, {ended:.0f} MB after more of it", flush=True)
    tally.check("graphql: memory of everything", settled - began < SETTLED_MB, f"{began:.0f} MB, then {settled:.0f} MB")
    tally.check("graphql: memory is flat", ended - settled < AGAIN_MB, f"{settled:.0f} MB, then {ended:.0f} MB")
    tally.check("graphql: it is healthy", send(server.url, "GET", "/health/ready").status == 200)
