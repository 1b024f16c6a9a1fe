"""Good requests, spoiled at random: whatever comes of them, the answer is not a 5xx, and an error is the error object."""

import random

JSON = {"Content-Type": "application/json"}
BACK = JSON | {"Prefer": "return=representation"}
MERGE = JSON | {"Prefer": "resolution=merge-duplicates,return=representation"}

GOOD = [
    ("GET", "/rest/v1/orchestral_sections?select=id,label:name,instruments!inner(name,count:id.count())&instruments.name=like.*a*&order=name.desc.nullslast&limit=5", {}, None),
    ("GET", "/rest/v1/instruments?select=name,...orchestral_sections(section:name)&or=(id.eq.1,and(id.gt.1,not.or(name.eq.\"a,b\",id.in.(2,3))))", {}, None),
    ("GET", "/rest/v1/users?select=name,address->tags->0,teams(name)&address->>city=eq.Hobart&teams.order=name.asc&teams.limit=1&teams.offset=0", {}, None),
    ("GET", "/rest/v1/messages?select=content,from:users!messages_sender_id_fkey(name),receiver(name)&order=receiver(name).desc", {}, None),
    ("GET", "/rest/v1/issues?tags=cs.{is:open,\"priority:low\"}&points=gte.3&select=tags,points.sum(),points.avg()::text", {}, None),
    ("GET", "/rest/v1/users?address=cs.{\"postcode\":90210}&active=is.true&status=in.(ONLINE,OFFLINE)&name=isdistinct.x", {}, None),
    ("GET", "/rest/v1/books?price=lt.12.50&published=gte.1999-12-31&opens=eq.08:30:00&added_at=lt.2024-02-01T00:00:00Z&rating=neq.1e3&cover=eq.%5Cx48", {}, None),
    ("GET", "/rest/v1/books?title=match.^T.*[a-z]$&author=ilike(any).{*a*,b%25}&serial=eq.0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001", {}, None),
    ("GET", "/rest/v1/texts?content=wfts(english).eggs%20-spam%20or%20%22four%20score%22&select=content", {}, None),
    ("GET", "/rest/v1/texts?content=fts.seven%20%26%20!(road%20|%20go)%20<->%20years", {}, None),
    ("GET", "/rest/v1/seats/1,2?select=guest", {}, None),
    ("GET", "/rest/v1/characters?select=id,name&id=eq.1", {"Prefer": "count=exact", "Range": "0-4", "Accept": "application/vnd.pgrst.object+json"}, None),
    ("GET", "/rest/v1/characters?select=name", {"Accept": "text/csv;q=0.9, application/json;q=0.1", "Range-Unit": "items"}, None),
    ("POST", "/rest/v1/books?select=id,title&columns=title,price", BACK, '[{"title": "a", "price": 1.25, "x": null}, {"title": "b\\u00e9", "price": "7.5"}]'),
    ("POST", "/rest/v1/users?on_conflict=handle&select=id", MERGE, '{"handle": "kiran", "address": {"a": [1, 2.5, null, true, {"b": "c"}]}, "status": "ONLINE"}'),
    ("POST", "/rest/v1/books", {"Content-Type": "text/csv"}, 'title,author,pages\n"a ""b"", c",NULL,3\nx,,\n'),
    ("POST", "/rest/v1/books", {"Content-Type": "application/x-www-form-urlencoded"}, "title=a+b&pages=3"),
    ("PATCH", "/rest/v1/seats?row_no=eq.1&seat_no=in.(1,2)&select=guest", BACK, '{"guest": "Bob"}'),
    ("PATCH", "/rest/v1/books/1", JSON, '{"added_at": "2024-01-31T10:00:00.123456+02:00", "cover": "\\\\x00ff", "opens": "23:59:59.9"}'),
    ("PUT", "/rest/v1/seats/7,7", BACK, '{"row_no": 7, "seat_no": 7, "guest": "x"}'),
    ("DELETE", "/rest/v1/issues?id=gt.1000000&tags=ov.{a,b}", {"Prefer": "handling=strict, max-affected=3, return=representation"}, None),
    ("POST", "/batch/v1", JSON | {"Idempotency-Key": "k1"}, '{"operations": [{"method": "POST", "path": "/rest/v1/issues?select=id", "headers": {"prefer": "return=representation"}, "body": {"title": "x"}}, {"method": "DELETE", "path": "/rest/v1/issues?id=eq.{$0.id}"}, {"method": "POST", "path": "/rest/v1/classes", "body": {"name": "n"}, "refs": {"id": "$0.id"}}]}'),
    ("HEAD", "/rest/v1/books?limit=2", {"Prefer": "count=planned"}, None),
    ("OPTIONS", "/rest/v1/books", {}, None),
    ("GET", "/rest/v1/", {"Accept": "application/openapi+json"}, None),
]

SPICE = [
    "(", ")", "((", "))", ",", ".", "..", ":", "::", "->", "->>", "!", "*", "'", '"', "\\", "{", "}", "[", "]", "&", "=", "?", "/",
    "%00", "%ff", "%22", "%5C", "%28", "%2c", "%e2%82%ac", "+", "-1", "0", "9223372036854775808", "1e309", "null", "true", "not.",
    "and(", "or(", "in.(", "is.null", "eq.", "cs.{", "count()", ".sum()", "::text", "!inner", "...", "é", "\U0001f600", "\u202e",
    "\\u0000", "\\ud800", "<", ">", "$", "$0", "{$0.id}", ";", "|", "~", "^", "#", "NaN", "alias", "vault", "sealed", "vaults(*)",
]


def spoil(chance, text):
    """The text with one to four small accidents."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        to = min(len(text), at + chance.randint(1, 8))
        accident = chance.randrange(5)
        if accident == 0:
            text = text[:at] + chance.choice(SPICE) + text[at:]
        elif accident == 1:
            text = text[:at] + text[to:]
        elif accident == 2:
            text = text[:at] + chance.choice(SPICE) + text[to:]
        elif accident == 3:
            text = text[:to] + text[at:]
        else:
            text = text[:at] + text[at:to][::-1] + text[to:]
    return text


def requests(seed, count):
    """As many spoiled requests: method, path, headers, body."""
    chance = random.Random(seed)
    for _ in range(count):
        method, path, headers, body = chance.choice(GOOD)
        where = chance.randrange(10)
        if where < 6 or (body is None and where < 9):
            path = "/" + spoil(chance, path[1:]).replace(" ", "%20").replace("#", "%23")
        elif body is not None and where < 9:
            body = spoil(chance, body)
        elif headers:
            name = chance.choice(sorted(headers))
            headers = headers | {name: spoil(chance, headers[name])}
        yield method, path, headers, body
