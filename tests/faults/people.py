"""kill -9 under people who sign up and go on: every account that was acknowledged is there, whole, and signed in."""

import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

from server import ROOT, Server

BLOG = ROOT / "examples" / "blog"
CROWD = 4
SETTINGS = {
    "BISTRO_AUTH__CONFIRM_EMAIL": "false",
    "BISTRO_LIMITS__SIGN_UPS": "100000/s",
    "BISTRO_LIMITS__REFRESHES": "100000/s",
}


def ask(server, method, path, body=None, key=None, token=None):
    """The status and the JSON of an answer; None where the connection broke before it was whole."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    headers = {"apikey": key or server.key, "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request(method, f"/auth/v1{path}" if not path.startswith("/rest") else path, json.dumps(body or {}), headers)
        answer = connection.getresponse()
        said = answer.read()
        return answer.status, json.loads(said) if said else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Person(threading.Thread):
    """Signs up again and again, and refreshes each session once."""

    def __init__(self, server, label):
        super().__init__(daemon=True)
        self.server, self.label, self.over = server, label, False
        self.kept, self.refused = {}, []

    def run(self):
        count = 0
        while not self.over:
            email = f"{self.label}-{count}@example.org"
            count += 1
            body = {"email": email, "password": "kolibri im garten", "data": {"name": self.label}}
            if not self.note(email, ask(self.server, "POST", "/signup", body)):
                return
            again = {"refresh_token": self.kept.get(email, "")}
            if not self.note(email, ask(self.server, "POST", "/token?grant_type=refresh_token", again)):
                return

    def note(self, email, answer):
        if answer is None:
            return False
        status, said = answer
        if status == 200:
            self.kept[email] = said["refresh_token"]
        else:
            self.refused.append((email, status, said))
        return True


def everybody(server):
    """The accounts, by their addresses."""
    found, page = {}, 1
    while True:
        _, said = ask(server, "GET", f"/admin/users?page={page}&per_page=500", key=server.secret)
        found |= {user["email"]: user for user in said["users"]}
        if len(said["users"]) < 500:
            return found
        page += 1


def judge(tally, server, crew, label):
    accounts = everybody(server)
    kept = {email: token for person in crew for email, token in person.kept.items()}
    lost = set(kept) - set(accounts)
    tally.check(f"{label}: people signed up", len(kept) > 0, server.logged())
    tally.check(f"{label}: no account that was acknowledged is lost", not lost, str(sorted(lost)[:5]))
    half = [email for email, user in accounts.items() if len(user.get("identities") or []) != 1]
    tally.check(f"{label}: no account is half made", not half, str(half[:5]))
    _, rows = ask(server, "GET", "/rest/v1/users?select=id&limit=100000", key=server.secret)
    tally.check(f"{label}: each has its row, and each row its account",
                {row["id"] for row in rows} == {user["id"] for user in accounts.values()})
    refused = [r for person in crew for r in person.refused]
    tally.check(f"{label}: nobody was refused", not refused, str(refused[:3]))
    # The last token that somebody was given is good; one that was lost on its way takes nothing from who has the one before.
    # What was acknowledged right before the kill is what could be lost.
    last = [list(person.kept)[-1] for person in crew if person.kept]
    some = last + random.Random(len(kept)).sample(sorted(set(kept) - set(last)), min(10, len(kept) - len(last)))
    told = [ask(server, "POST", "/token?grant_type=refresh_token", {"refresh_token": kept[email]}) for email in some]
    stale = [(email, answer) for email, answer in zip(some, told) if answer is None or answer[0] != 200]
    tally.check(f"{label}: sessions go on", not stale, str(stale[:3]))
    return len(kept)


def kills(tally, rounds):
    """kill -9 under them, and a restart on the same data."""
    chance = random.Random(11)
    people = 0
    with Server(BLOG, seed=False, settings=SETTINGS) as server:
        for round_number in range(rounds):
            label = f"p{round_number}"
            crew = [Person(server, f"{label}-{n}") for n in range(CROWD)]
            for person in crew:
                person.start()
            time.sleep(chance.uniform(0.5, 1.2))
            server.kill()
            for person in crew:
                person.over = True
                person.join(30)
            server.start()
            people += judge(tally, server, crew, label)
    print(f"kill -9 under sign-ups: {rounds} rounds, {people} people", flush=True)
