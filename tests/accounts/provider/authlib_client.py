"""Authlib at the built binary: a confidential application signs a person in, refreshes, and revokes."""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

BACK = "https://client.example.org/back"
PASSWORD = "kolibri im garten"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(server, path, body=None, token=None, key=None):
    key = key or server.key
    headers = {"apikey": key, "authorization": f"Bearer {token or key}", "content-type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/auth/v1{path}", data, headers)) as reply:
        return json.load(reply)


def agree(server, address, token):
    """The person lets the application in: where the browser comes back to."""
    try:
        urllib.request.build_opener(Stay).open(address)
    except urllib.error.HTTPError as error:
        page = error.headers["location"]
    number = parse_qs(urlsplit(page).query)["authorization_id"][0]
    decided = ask(server, f"/oauth/authorizations/{number}/consent", {"action": "approve"}, token)
    return decided["redirect_url"]


def signs_in(server, method):
    """One whole way with a way of showing the secret."""
    person = ask(server, "/signup", {"email": f"{method}@example.org", "password": PASSWORD})
    made = {"client_name": "Calendar", "redirect_uris": [BACK], "token_endpoint_auth_method": method}
    made = ask(server, "/admin/oauth/clients", made, key=server.secret)
    with urllib.request.urlopen(f"{server.url}/auth/v1/.well-known/openid-configuration") as reply:
        found = json.load(reply)
    session = OAuth2Session(
        made["client_id"], made["client_secret"], scope="openid email offline_access", redirect_uri=BACK,
        token_endpoint_auth_method=method, code_challenge_method="S256", token_endpoint=found["token_endpoint"],
        revocation_endpoint_auth_method=method,
    )
    address, state = session.create_authorization_url(
        found["authorization_endpoint"], code_verifier=VERIFIER, nonce="n1",
    )
    back = agree(server, address, person["access_token"])
    tokens = session.fetch_token(authorization_response=back, state=state, code_verifier=VERIFIER)
    keys = KeySet.import_key_set(session.get(found["jwks_uri"]).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["nonce"], claims["aud"]) == ("n1", made["client_id"]), claims
    told = session.get(found["userinfo_endpoint"]).json()
    assert told["sub"] == claims["sub"] == person["user"]["id"], told
    first = tokens["refresh_token"]
    second = session.refresh_token(found["token_endpoint"], refresh_token=first)["refresh_token"]
    assert first != second
    assert session.revoke_token(found["revocation_endpoint"], token=second).status_code == 200
    try:
        session.refresh_token(found["token_endpoint"], refresh_token=second)
    except OAuthError as error:
        assert error.error == "invalid_grant", error
    else:
        raise AssertionError("a revoked token was taken")


def main():
    with Server(ROOT / "tests" / "fixture", "dev") as server:
        tally = Tally("Authlib")
        for method in ["client_secret_basic", "client_secret_post"]:
            try:
                signs_in(server, method)
                tally.check(method, True)
            except Exception as error:  # noqa: BLE001 - told, and the other way is tried
                tally.check(method, False, repr(error))
        return tally.end()


if __name__ == "__main__":
    sys.exit(main())
