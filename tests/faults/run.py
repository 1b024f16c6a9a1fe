"""What is promised under faults: kill -9 under writers, kill -9 while starting, a full disk, SIGTERM under writers.

Usage: run.py smoke|full     10 rounds of kill -9, or 50

A writer remembers a row once its write was acknowledged. After the restart, every remembered row must be there, and a
batch must be there whole or not at all.
"""

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
import people  # noqa: E402
from server import BINARY, ROOT, Server, Tally  # noqa: E402

ROUNDS = {"smoke": 10, "full": 50}
WRITERS = 8
FIXTURE = ROOT / "tests" / "fixture"
START_SECONDS = 5


class Writer(threading.Thread):
    """Writes until it is told to stop or the server is gone. Even writers insert one row, odd ones batches of two."""

    def __init__(self, server, name, odd):
        super().__init__(daemon=True)
        self.server, self.label, self.odd = server, name, odd
        self.acknowledged, self.refused, self.torn, self.over = [], [], [], False

    def run(self):
        address = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        headers = {"apikey": self.server.secret, "Content-Type": "application/json"}
        count = 0
        while not self.over:
            title = f"{self.label}-{count}"
            count += 1
            path, body = self.request(title)
            try:
                connection.request("POST", path, json.dumps(body), headers)
            except OSError:
                return
            try:
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException):
                return
            try:
                said = answer.read()
            except (OSError, http.client.HTTPException):
                self.torn.append(title)
                return
            if answer.status in (200, 201):
                self.acknowledged.append(title)
            else:
                self.refused.append((title, answer.status, said[:300]))
            if answer.getheader("Connection", "").lower() == "close":
                return

    def request(self, title):
        if not self.odd:
            return "/rest/v1/issues", {"title": title, "tags": ["x" * 200]}
        both = [("issues", {"title": title}), ("classes", {"name": title})]
        return "/batch/v1", {"operations": [{"method": "POST", "path": f"/rest/v1/{to}", "body": row} for to, row in both]}


def writers(server, label):
    crew = [Writer(server, f"{label}-{n}", n % 2 == 1) for n in range(WRITERS)]
    for writer in crew:
        writer.start()
    return crew


def join(crew):
    for writer in crew:
        writer.over = True
    for writer in crew:
        writer.join(30)


def get(server, path):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("GET", path, headers={"apikey": server.secret})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status not in (200, 206):
        raise RuntimeError(f"{path}: {answer.status} {body[:300]}")
    return json.loads(body)


def names(server, table, column, label):
    """The names of a round's rows, page by page."""
    found, page = [], 500
    while True:
        path = f"/rest/v1/{table}?select={column}&{column}=like.{label}-*&order=id&limit={page}&offset={len(found)}"
        rows = get(server, path)
        found += [row[column] for row in rows]
        if len(rows) < page:
            return found


def judge(tally, server, crew, label):
    """Every acknowledged row is there once, and batches are whole."""
    issues, classes = names(server, "issues", "title", label), names(server, "classes", "name", label)
    acknowledged = [title for writer in crew for title in writer.acknowledged]
    tally.check(f"{label}: writers wrote", len(acknowledged) > 0, server.logged())
    lost = set(acknowledged) - set(issues)
    tally.check(f"{label}: nothing acknowledged is lost", not lost, f"{len(lost)} of {len(acknowledged)}: {sorted(lost)[:5]}")
    tally.check(f"{label}: nothing is there twice", len(set(issues)) == len(issues))
    batches = {title for title in issues if int(title.split("-")[1]) % 2 == 1}
    tally.check(f"{label}: no batch is torn", batches == set(classes), str(sorted(batches ^ set(classes))[:5]))
    surplus = len(issues) - len(acknowledged)
    tally.check(f"{label}: at most one unanswered write for each writer", 0 <= surplus <= WRITERS, f"{surplus} more rows")
    return len(acknowledged)


def kills(tally, rounds):
    """kill -9 under writers, and a restart on the same data."""
    chance = random.Random(7)
    acknowledged, slowest = 0, 0.0
    with Server(FIXTURE) as server:
        for round_number in range(rounds):
            label = f"k{round_number}"
            crew = writers(server, label)
            time.sleep(chance.uniform(0.2, 0.9))
            server.kill()
            join(crew)
            began = time.monotonic()
            server.start()
            slowest = max(slowest, time.monotonic() - began)
            acknowledged += judge(tally, server, crew, label)
            refused = [r for writer in crew for r in writer.refused]
            tally.check(f"{label}: no write was refused", not refused, str(refused[:3]))
    tally.check("restarts are quick", slowest < START_SECONDS, f"{slowest:.1f} s")
    print(f"kill -9: {rounds} rounds, {acknowledged} acknowledged writes, slowest restart {slowest:.2f} s", flush=True)


def kills_at_start(tally, rounds):
    """kill -9 while the tables are made: the next start finds either nothing or everything."""
    for round_number in range(rounds):
        server = Server(FIXTURE)
        child = subprocess.Popen(
            [BINARY, "serve", ".", "--listen", "127.0.0.1:0"], cwd=server.folder, env=server.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(0.02 * (round_number + 1))
        child.kill()
        child.wait()
        try:
            with server:
                tally.check(f"start {round_number}: it serves", len(get(server, "/rest/v1/characters")) == 3)
        except RuntimeError as error:
            tally.check(f"start {round_number}: it starts after a kill", False, str(error))


def drain(tally):
    """SIGTERM under writers: answers that were begun are finished, the exit code is 0, nothing acknowledged is lost."""
    with Server(FIXTURE) as server:
        crew = writers(server, "d0")
        time.sleep(0.5)
        began = time.monotonic()
        code = server.stop()
        took = time.monotonic() - began
        join(crew)
        tally.check("SIGTERM: exit code 0", code == 0, f"{code}\n{server.logged()}")
        tally.check("SIGTERM: within 10 s", took < 11, f"{took:.1f} s")
        torn = [title for writer in crew for title in writer.torn]
        tally.check("SIGTERM: no answer is cut short", not torn, str(torn[:5]))
        server.start()
        judge(tally, server, crew, "d0")


def second_server(tally):
    """A second server on the same data folder is refused with a clear line."""
    with Server(FIXTURE) as server:
        done = subprocess.run(
            [BINARY, "serve", ".", "--listen", "127.0.0.1:0"], cwd=server.folder, env=server.environment,
            capture_output=True, text=True, timeout=30,
        )
        said = (done.stdout + done.stderr).strip()
        tally.check("a second server is refused", done.returncode != 0, said)
        tally.check("the refusal names the folder", "data" in said and len(said.splitlines()) <= 6, said)
        tally.check("the first one serves on", len(get(server, "/rest/v1/characters")) == 3)


def mount(folder):
    """A small file system, or false where that needs rights that we lack."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True)
    return done.returncode == 0


def post(server, title, size):
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    body = json.dumps({"title": title, "tags": ["x" * size]})
    connection.request("POST", "/rest/v1/issues", body, {"apikey": server.secret, "Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def full_disk(tally):
    """Writes are refused with 507 or 503, reads go on, nothing acknowledged is lost, and it heals without a restart."""
    server = Server(FIXTURE)
    data = server.folder / "data"
    if os.geteuid() != 0 or not mount(data):
        server.remove()
        print("NOT RUN: full disk, as mounting a small file system needs root", flush=True)
        return
    try:
        with server:
            kept, refusal = [], None
            for number in range(2000):
                status, said = post(server, f"f0-{number}", 20_000)
                if status != 201:
                    refusal = (status, said)
                    break
                kept.append(f"f0-{number}")
            tally.check("full disk: a write is refused", refusal is not None)
            tally.check("full disk: with 507 or 503 and an error object",
                        refusal is not None and refusal[0] in (503, 507) and b'"code"' in refusal[1], str(refusal))
            found = names(server, "issues", "title", "f0")
            tally.check("full disk: reads go on and hold what was acknowledged", set(kept) <= set(found))
            subprocess.run(["mount", "-o", "remount,size=64m", str(data)], check=True)
            healed = [post(server, f"f0-after-{n}", 100)[0] for n in range(3)]
            tally.check("full disk: it heals without a restart", healed[-1] == 201, str(healed))
            server.stop()
    finally:
        subprocess.run(["umount", "-l", str(data)], capture_output=True)
        server.remove()


def main(words):
    counts = words[0] if words else "smoke"
    tally = Tally("kill -9 and other faults")
    kills(tally, ROUNDS[counts])
    people.kills(tally, ROUNDS[counts] // 2)
    kills_at_start(tally, 5 if counts == "smoke" else 20)
    drain(tally)
    second_server(tally)
    full_disk(tally)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
