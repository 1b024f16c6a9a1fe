"""What is asked of the blog: a name, a call, what comes."""

from datetime import datetime, timezone

import requests
from callers import AMARA, INDIA, SPACES, WORDS, answer, expires
from served import EMAIL, PASSWORD
from zeep import xsd
from zeep.exceptions import Fault

BREAD = "01920000-0001-7000-8000-000000000001"
UNKNOWN = "01920000-0001-7000-8000-00000000ffff"
MANY = 1_000


def slugs(page):
    return [post.slug for post in page.Post]


def pages(site):
    """All slugs, seven at a time."""
    found, after = [], None
    while True:
        page = site.anyone.ListPosts(orderBy=[{"field": "slug"}], first=7, after=after)
        found.append(slugs(page))
        if not page.hasNextPage:
            return [len(part) for part in found], sum(found, []) == sorted(sum(found, []))
        after = page.endCursor


def related(site):
    page = site.anyone.ListPosts(
        filter={"status": {"eq": "published"}, "tags": {"some": {"slug": {"eq": "kitchen"}}}},
        orderBy=[{"field": "slug"}], first=2, include=["author", "comments.author", "tags"],
    )
    return [(p.slug, p.author.name, [c.author.name for c in p.comments], len(p.tags)) for p in page.Post]


def signs_in(site):
    got = site.anyone.SignIn(email=EMAIL, password=PASSWORD)
    lasts = got.expiresAt - datetime.now(timezone.utc).timestamp()
    return bool(got.accessToken and got.refreshToken), got.tokenType, got.expiresIn, 3500 < lasts <= 3600


def written_by(site, who, name):
    return who.CreatePost({"title": "By Wren", "slug": site.slug(name), "body": "x"}).author_id == site.wren


def replays(site):
    call = site.said_once(ago=10)
    return call() > 24, answer(lambda s: call(), site)


def shows(site):
    """Whether a stranger is told of what is for editors, and of what needs an account."""
    told = requests.get(f"{site.url}?wsdl", headers=site.stranger, timeout=60).text
    return [f'name="{name}"' in told for name in ["CreatePost", "note", "GetPost"]]


READS = [
    ("the document of a stranger", shows, [False, False, True]),
    ("the way to the document", lambda s: requests.get(s.url, headers=s.stranger, timeout=60).url == f"{s.url}?wsdl", True),
    ("a key by header", lambda s: s.anyone.CountPosts(), 21),
    ("a key by Basic", lambda s: s.basic.CountPosts(), 21),
    ("the secret key", lambda s: s.service.CountPosts() > 24, True),
    ("a key in a UsernameToken", lambda s: s.token("apikey", s.secret).CountPosts() > 24, True),
    ("a token that is not over", lambda s: s.token("apikey", s.secret, timestamp_token=expires(60)).CountPosts() > 24, True),
    ("nobody", lambda s: s.nobody.CountPosts(), "HTTP 401"),
    ("a wrong key", lambda s: s.caller(apikey="x").CountPosts(), "HTTP 401"),
    ("a relation and what it leads to", related, [
        ("bread-that-waits", "Amara Okafor", ["Zoë Lindqvist", "Jürgen Weiß", "Amara Okafor", "Nguyễn Minh Hương"], 2),
        ("mint-basil-and-one-brave-tomato", "Nguyễn Minh Hương", ["Amara Okafor", "Nguyễn Minh Hương"], 2),
    ]),
    ("no relation that was not asked for", lambda s: (lambda p: (p.author, p.comments))(s.anyone.GetPost({"id": BREAD})),
     (None, [])),
    ("or, in, not", lambda s: slugs(s.anyone.ListPosts(filter={
        "or": [{"slug": {"in": ["bread-that-waits", "pho-for-beginners"]}}, {"title": {"like": "%clock%"}}],
        "not": {"author": {"handle": {"eq": "huong"}}},
    }, orderBy=[{"field": "slug"}])), ["a-clock-that-ran-backwards", "bread-that-waits"]),
    ("a filter of times", lambda s: s.anyone.CountPosts(
        filter={"published_at": {"lt": datetime(2024, 10, 5, 12, 0, 1, tzinfo=INDIA)}}), 1),
    ("isNull", lambda s: s.anyone.CountUsers(filter={"website": {"isNull": False}}) > 0, True),
    ("search", lambda s: slugs(s.anyone.ListPosts(search="yeast")), ["bread-that-waits"]),
    ("an order", lambda s: slugs(s.anyone.ListPosts(
        orderBy=[{"field": "author.name", "direction": "DESC"}, {"field": "slug"}], first=3)),
     ["letters-in-library-books", "one-tree-three-hundred-mornings", "five-courses-and-a-balcony"]),
    ("pages", pages, ([7, 7, 7], True)),
    ("a total", lambda s: (lambda p: (len(p.Post), p.totalCount, p.hasNextPage))(s.anyone.ListPosts(first=2, withTotal=True)),
     (2, 21, True)),
    ("no total", lambda s: s.anyone.ListPosts(first=2).totalCount, None),
    ("by id", lambda s: s.anyone.GetPost({"id": BREAD}).slug, "bread-that-waits"),
    ("by another key", lambda s: s.anyone.GetPost(key={"slug": "bread-that-waits"}).id, BREAD),
    ("a time in UTC", lambda s: s.anyone.GetPost(key={"id": BREAD}).published_at,
     datetime(2024, 10, 5, 6, 30, tzinfo=timezone.utc)),
    ("many scripts", lambda s: [s.anyone.GetUser({"handle": h}).name for h in ["yoko", "samir"]], ["山田 陽子", "سمير حداد"]),
    ("signing in", signs_in, (True, "bearer", 3600, True)),
]


def makes(site):
    made = site.service.CreatePost(site.draft("made", title=WORDS, body=SPACES, note="Kept"))
    return made.title, made.body, made.status, made.note, made.published_at


def changes(site):
    key = {"slug": site.slug("made")}
    made = site.service.UpdatePost(key, {"note": xsd.Nil, "title": "Other"})
    again = site.service.GetPost(key)
    return made.title, again.body, again.note


def nulls(site):
    """What None and Nil in `set` leave of a note, and whether the document allows to send them."""
    key = {"slug": site.slug("nulls")}
    site.service.CreatePost(site.draft("nulls", note="Kept"))
    found = [(site.service.UpdatePost(key, {"note": note}).note, site.valid.sent) for note in (None, xsd.Nil)]
    site.service.DeletePost(key)
    return found


def schedules(site):
    at = datetime(2024, 5, 1, 12, 30, tzinfo=INDIA)
    made = site.service.CreatePost(site.draft("zone", status="published", published_at=at))
    bare = site.service.UpdatePost({"id": made.id}, {"published_at": datetime(2024, 5, 1, 12, 30)})
    site.service.DeletePost({"id": made.id})
    return made.published_at, bare.published_at


def makes_many(site):
    made = site.service.CreatePosts([site.draft(f"bulk-{n}") for n in range(3)])
    return made.count, [post.slug for post in made.Post] == [site.slug(f"bulk-{n}") for n in range(3)]


def makes_all_or_none(site):
    rows = [site.draft("all"), site.draft("none", slug="bread-that-waits")]
    return answer(lambda s: s.service.CreatePosts(rows), site), site.service.CountPosts({"slug": {"eq": site.slug("all")}})


def places(site):
    try:
        site.service.CreatePosts([site.draft("first"), site.draft("second", title="")])
    except Fault as fault:
        return site.detail(fault).place


def removes(site):
    key = {"slug": site.slug("bulk-0")}
    return site.service.DeletePost(key).slug == key["slug"], answer(lambda s: s.service.GetPost(key), site)


def thousand(site):
    rows = [{"slug": f"{site.slug('many')}-{n:04}", "name": f"{site.port} {n} 数"} for n in range(MANY)]
    made = site.service.CreateTags(rows)
    page = site.anyone.ListTags(filter={"slug": {"startsWith": site.slug("many") + "-"}}, orderBy=[{"field": "slug"}], first=MANY)
    same = [(tag.slug, tag.name) for tag in page.Tag] == [(row["slug"], row["name"]) for row in rows]
    return made.count, len(made.Tag), same, page.hasNextPage


def loses(site):
    """A character that XML cannot carry, written over REST."""
    made = site.service.CreatePost(site.draft("lossy"))
    address = f"{site.url.removesuffix('/soap/v1')}/rest/v1/posts?id=eq.{made.id}"
    requests.patch(address, json={"title": "bell\u0007"}, headers={"apikey": site.secret}, timeout=60).raise_for_status()
    got = site.service.GetPost({"id": made.id})
    return made.lossy, got.title, got.lossy


# In this order: each finds what those before it have left.
WRITES = [
    ("create", makes, (WORDS, SPACES, "draft", "Kept", None)),
    ("update: nil is null, absent stays", changes, ("Other", SPACES, None)),
    ("a null in a change", nulls, [("Kept", True), (None, False)]),
    ("time zones", schedules, (datetime(2024, 5, 1, 7, tzinfo=timezone.utc), datetime(2024, 5, 1, 12, 30, tzinfo=timezone.utc))),
    ("create many", makes_many, (3, True)),
    ("all or none", makes_all_or_none, (("Conflict", "23505"), 0)),
    ("the place of a mistake", places, "/CreatePosts/input[2]/title"),
    ("delete", removes, (True, ("NotFound", "BIS-408"))),
    ("the caller of a token", lambda s: written_by(s, s.signed_in(), "bearer"), True),
    ("the caller of a UsernameToken", lambda s: written_by(s, s.token(EMAIL, PASSWORD), "username"), True),
    ("a thousand rows", thousand, (MANY, MANY, True, False)),
    ("lossy", loses, (None, "bell\ufffd", True)),
]

# With the document that declares nulls.
NULLS = [("a null in a change, declared", nulls, [("Kept", True), (None, True)])]

REFUSALS = [
    ("a value that is taken", lambda s: s.service.CreatePost(s.draft("x", slug="bread-that-waits")), ("Conflict", "23505")),
    ("no such row", lambda s: s.anyone.GetPost({"id": UNKNOWN}), ("NotFound", "BIS-408")),
    ("a hidden row", lambda s: s.anyone.GetPost({"slug": s.slug("made")}), ("NotFound", "BIS-408")),
    ("a change of no row", lambda s: s.service.UpdatePost({"id": UNKNOWN}, {"title": "x"}), ("NotFound", "BIS-408")),
    ("a rule", lambda s: s.signed_in().CreatePost(s.draft("rule")), ("Forbidden", "42501")),
    ("a condition", lambda s: s.service.CreatePost(s.draft("check", status="published")), ("BadRequest", "23514")),
    ("an unknown field in an order", lambda s: s.anyone.ListPosts(orderBy=[{"field": "titel"}]), ("BadRequest", "BIS-425")),
    ("a hidden field in an order", lambda s: s.anyone.ListPosts(orderBy=[{"field": "note"}]), ("BadRequest", "BIS-425")),
    ("a wrong value", lambda s: s.anyone.GetPost({"id": "x"}), ("BadRequest", "22P02")),
    # zeep sends these as <title/>, <slug/> and <or/>.
    ("a value that nobody set", lambda s: s.anyone.CountPosts({"title": {"eq": None}}), ("BadRequest", "22023")),
    ("a list that is empty", lambda s: s.anyone.CountPosts({"slug": {"in": []}}), ("BadRequest", "22023")),
    ("an alternative that is empty", lambda s: s.anyone.CountPosts({"or": [{}]}), ("BadRequest", "22023")),
    ("a wrong enum", lambda s: s.anyone.CountPosts({"status": {"eq": "lost"}}), ("BadRequest", "22P02")),
    ("too many at once", lambda s: s.anyone.ListPosts(first=1001), ("TooComplex", "BIS-106")),
    ("a wrong password", lambda s: s.anyone.SignIn(EMAIL, "a wrong password"), ("FailedAuthentication", "invalid_credentials")),
    ("a wrong password in a UsernameToken", lambda s: s.token(EMAIL, "a wrong password").CountPosts(), "FailedAuthentication"),
    ("a wrong key in a UsernameToken", lambda s: s.token("apikey", "x").CountPosts(), "FailedAuthentication"),
    ("a nonce again", replays, (True, "MessageExpired")),
    ("an old nonce", lambda s: s.said_once(ago=600)(), "MessageExpired"),
    ("a digest", lambda s: s.token(EMAIL, PASSWORD, use_digest=True).CountPosts(), "UnsupportedSecurityToken"),
    ("a token that is over", lambda s: s.token("apikey", s.secret, timestamp_token=expires(-600)).CountPosts(),
     "MessageExpired"),
]
