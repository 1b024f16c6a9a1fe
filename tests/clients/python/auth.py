"""The documented uses of auth of Python's supabase, synchronous and asynchronous, against the built binary."""

import asyncio
import base64
import hashlib
import hmac
import inspect
import itertools
import json
import re
import struct
import sys
import time
import urllib.request
from pathlib import Path

from supabase import AsyncClient, acreate_client, create_client
from supabase_auth.errors import AuthApiError, AuthError, AuthWeakPasswordError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

PASSWORD = "kolibri im garten"
COUNTER = itertools.count(1)


class Face:
    """One client behind one face: what it answers is awaited where that is needed."""

    def __init__(self, kind, server, client):
        self.kind, self.server, self.client = kind, server, client

    async def call(self, function, *arguments, **options):
        answer = function(*arguments, **options)
        return await answer if inspect.isawaitable(answer) else answer

    async def auth(self, name, *arguments, **options):
        part = self.client.auth
        for step in name.split("."):
            part = getattr(part, step)
        return await self.call(part, *arguments, **options)

    async def fails(self, name, *arguments, **options):
        try:
            await self.auth(name, *arguments, **options)
        except AuthWeakPasswordError as error:
            return error.status, "weak_password"
        except (AuthApiError, AuthError) as error:
            return getattr(error, "status", None), error.code
        return None, None

    def address(self):
        return f"{self.kind}{next(COUNTER)}@example.org"

    def mail(self, to):
        with urllib.request.urlopen(f"{self.server.url}/dev/mail.json") as reply:
            mails = json.load(reply)["mails"]
        text = next(mail["text"] for mail in mails if mail["to"] == to)
        found = re.search(r"code (\d{6})", text)
        return found and found[1]


def totp(secret):
    """The code that an authenticator shows (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[19] & 15
    number = struct.unpack(">I", digest[start:start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


async def password(face, check):
    email = face.address()
    made = await face.auth("sign_up", {"email": email, "password": PASSWORD, "options": {"data": {"name": "Ada"}}})
    check("sign_up", made.session is not None and made.user.user_metadata["name"] == "Ada", made)
    check("get_user", (await face.auth("get_user")).user.email == email)
    rows = face.client.table("users").select("name,email").eq("id", made.user.id)
    found = await face.call(rows.execute)
    check("the token is used for data", found.data == [{"name": "Ada", "email": email}], found)
    claims = await face.auth("get_claims")
    check("get_claims", claims["claims"]["sub"] == made.user.id and claims["headers"]["alg"] == "ES256", claims)
    first = await face.auth("get_session")
    second = await face.auth("refresh_session")
    check("refresh_session", second.session.refresh_token != first.refresh_token)
    taken = await face.fails("sign_up", {"email": email, "password": PASSWORD})
    check("a taken address", taken == (422, "user_already_exists"), taken)
    await face.auth("sign_out")
    check("sign_out", await face.auth("get_session") is None)
    wrong = await face.fails("sign_in_with_password", {"email": email, "password": "a wrong password"})
    check("a wrong password", wrong == (400, "invalid_credentials"), wrong)
    weak = await face.fails("sign_up", {"email": face.address(), "password": "short"})
    check("a weak password", weak == (422, "weak_password"), weak)
    back = await face.auth("sign_in_with_password", {"email": email, "password": PASSWORD})
    check("sign_in_with_password", back.user.id == made.user.id)
    changed = await face.auth("update_user", {"data": {"name": "Grace"}})
    check("update_user", changed.user.user_metadata["name"] == "Grace", changed)
    same = await face.fails("update_user", {"password": PASSWORD})
    check("the same password", same == (422, "same_password"), same)


async def mails(face, check):
    email = face.address()
    await face.auth("sign_in_with_otp", {"email": email})
    wrong = await face.fails("verify_otp", {"email": email, "token": "000000", "type": "email"})
    check("a wrong code", wrong == (403, "otp_expired"), wrong)
    got = await face.auth("verify_otp", {"email": email, "token": face.mail(email), "type": "email"})
    check("verify_otp", got.session is not None and got.user.email == email, got)
    await face.auth("reset_password_for_email", email)
    got = await face.auth("verify_otp", {"email": email, "token": face.mail(email), "type": "recovery"})
    check("a recovery", got.session is not None, got)
    changed = await face.auth("update_user", {"password": PASSWORD})
    check("a new password after it", changed.user.email == email)


async def anonymous(face, check):
    made = await face.auth("sign_in_anonymously")
    check("sign_in_anonymously", made.user.is_anonymous is True, made)
    lasting = await face.auth("update_user", {"email": face.address(), "password": PASSWORD})
    check("a lasting account", lasting.user.is_anonymous is False and lasting.user.id == made.user.id, lasting)


async def factors(face, check):
    await face.auth("sign_up", {"email": face.address(), "password": PASSWORD})
    factor = await face.auth("mfa.enroll", {"factor_type": "totp", "friendly_name": "phone"})
    challenge = await face.auth("mfa.challenge", {"factor_id": factor.id})
    wrong = await face.fails("mfa.verify", {"factor_id": factor.id, "challenge_id": challenge.id, "code": "000000"})
    check("a wrong code of a factor", wrong == (422, "mfa_verification_failed"), wrong)
    await face.auth("mfa.challenge_and_verify", {"factor_id": factor.id, "code": totp(factor.totp.secret)})
    level = await face.auth("mfa.get_authenticator_assurance_level")
    check("the level", (level.current_level, level.next_level) == ("aal2", "aal2"), level)
    listed = await face.auth("mfa.list_factors")
    check("list_factors", [f.friendly_name for f in listed.totp] == ["phone"], listed)
    gone = await face.auth("mfa.unenroll", {"factor_id": factor.id})
    check("unenroll", gone.id == factor.id)


async def administration(face, check):
    email = face.address()
    made = await face.auth("admin.create_user", {"email": email, "password": PASSWORD, "email_confirm": True,
                                                 "app_metadata": {"roles": ["editor"]}})
    check("admin.create_user", made.user.app_metadata["roles"] == ["editor"], made)
    got = await face.auth("admin.get_user_by_id", made.user.id)
    check("admin.get_user_by_id", got.user.email == email)
    listed = await face.auth("admin.list_users", page=1, per_page=3)
    check("admin.list_users", len(listed) <= 3 and listed[0].id == made.user.id, listed)
    changed = await face.auth("admin.update_user_by_id", made.user.id, {"user_metadata": {"name": "Eve"}})
    check("admin.update_user_by_id", changed.user.user_metadata["name"] == "Eve", changed)
    invited = await face.auth("admin.invite_user_by_email", face.address())
    check("admin.invite_user_by_email", invited.user.invited_at is not None, invited)
    link = await face.auth("admin.generate_link", {"type": "magiclink", "email": email})
    check("admin.generate_link", link.properties.verification_type == "magiclink", link)
    await face.auth("admin.delete_user", made.user.id)
    missing = await face.fails("admin.get_user_by_id", made.user.id)
    check("admin.delete_user", missing == (404, "user_not_found"), missing)


async def run(tally, server):
    for kind in ("sync", "async"):
        async def client(key):
            return create_client(server.url, key) if kind == "sync" else await acreate_client(server.url, key)

        def check(what, holds, said=""):
            tally.check(f"{kind}: {what}", holds, str(said)[:600])

        for part, key in ((password, server.key), (mails, server.key), (anonymous, server.key), (factors, server.key),
                          (administration, server.secret)):
            face = Face(kind, server, await client(key))
            assert isinstance(face.client, AsyncClient) == (kind == "async")
            try:
                await part(face, check)
            except Exception as error:  # noqa: BLE001 - the other parts are worth running
                check(part.__name__, False, repr(error))


def main():
    tally = Tally("supabase auth (Python)")
    with Server(ROOT / "examples" / "blog", command="dev", settings={"BISTRO_AUTH__ANONYMOUS": "true"}) as server:
        asyncio.run(run(tally, server))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
