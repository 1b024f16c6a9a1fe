"""What the clients of SOAP talk to: the blog and the fixture, both served, and a person with a password."""

import json
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "harness"))
from server import ROOT, Server  # noqa: E402

EMAIL, PASSWORD = "wren@example.org", "a heron on the roof"


class Served:
    """Both servers, from `with` to its end. Wren has an account at the blog and no role."""

    def __enter__(self):
        with ExitStack() as stack:
            self.blog = stack.enter_context(Server(ROOT / "examples" / "blog"))
            self.fixture = stack.enter_context(Server(ROOT / "tests" / "fixture"))
            self.wren = self._sign_up()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *reason):
        return self._stack.__exit__(*reason)

    def _sign_up(self):
        """The id of a new account whose address needs no proof."""
        person = {"email": EMAIL, "password": PASSWORD, "email_confirm": True, "user_metadata": {"name": "Wren"}}
        headers = {"apikey": self.blog.secret, "content-type": "application/json"}
        address = f"{self.blog.url}/auth/v1/admin/users"
        with urllib.request.urlopen(urllib.request.Request(address, json.dumps(person).encode(), headers)) as reply:
            return json.load(reply)["id"]

    def variables(self):
        """What a client in another language is told, by environment variables."""
        return {
            "BLOG_URL": f"{self.blog.url}/soap/v1", "BLOG_KEY": self.blog.key, "BLOG_SECRET": self.blog.secret,
            "FIXTURE_URL": f"{self.fixture.url}/soap/v1", "FIXTURE_SECRET": self.fixture.secret,
            "WREN_ID": self.wren, "WREN_EMAIL": EMAIL, "WREN_PASSWORD": PASSWORD,
        }
