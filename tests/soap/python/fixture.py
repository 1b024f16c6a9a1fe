"""What is asked of the fixture: every kind of value, there and back."""

import json
from datetime import date, datetime, time
from decimal import Decimal

from callers import INDIA, SPACES, WORDS
from zeep import xsd

# Of a book: written by a create, read, found by a filter where it can be, and made null again.
BOOK = [
    ("price", Decimal("12345678.90")), ("price", Decimal("-0.01")), ("price", Decimal("0.10")),
    ("pages", 2_147_483_647), ("rating", 0.1), ("rating", -1.5e300), ("published", date(1999, 12, 31)),
    ("opens", time(8, 30)), ("opens", time(23, 59, 59, 999_999)),
    ("added_at", datetime(2024, 2, 29, 23, 59, 59, 123_456, tzinfo=INDIA)),
    ("author", WORDS), ("author", SPACES), ("signed", False), ("signed", True),
    ("serial", "0d0e6c1e-7e5c-4f3a-9a64-5a3d3c1f0001"), ("cover", bytes(range(256))),
]


def keeps(site, field, value):
    made = site.service.CreateBook({"title": "T", field: value})
    key = {"id": made.id}
    found = [made[field], site.service.GetBook(key)[field]]
    counted = field == "cover" or site.service.CountBooks({"id": {"eq": made.id}, field: {"eq": value}})
    null = site.service.UpdateBook(key, {field: xsd.Nil})[field]
    site.service.DeleteBook(key)
    return found, counted, null


def numbers(site):
    """Keys at the ends of 64 bits; some are kept for keys that count up."""
    found = []
    for number in (9_223_372_032_559_808_511, -(2**63)):
        site.service.CreateCharacter({"id": number, "name": WORDS})
        found.append(site.service.DeleteCharacter({"id": number}).id == number)
    return found


def lists(site):
    """An empty element is None to zeep: an empty list cannot be told from null."""
    found = []
    for tags in ({"item": ["a", "b, c", WORDS]}, {"item": []}, None):
        made = site.service.CreateIssue({"title": "T", "tags": tags})
        found.append(made.tags and made.tags.item)
        site.service.DeleteIssue({"id": made.id})
    return found


def documents(site):
    address = {"city": "Осло", "rooms": [1, 2.5, None]}
    made = site.service.CreateUser({"address": json.dumps(address), "status": "ONLINE"})
    site.service.DeleteUser({"id": made.id})
    return json.loads(made.address) == address, made.status


OTHERS = [
    ("64 bits", numbers, [True, True]),
    ("lists", lists, [["a", "b, c", WORDS], None, None]),
    ("a filter of lists", lambda s: [i.id for i in s.service.ListIssues({"tags": {"contains": {"item": ["is:open"]}}}).Issue], [1, 2]),
    ("a key of two fields", lambda s: s.service.GetSeat({"row_no": 1, "seat_no": 1}).guest, "Ada"),
    ("JSON and an enum", documents, (True, "ONLINE")),
    ("two relations to one type", lambda s: (lambda m: (m.sender.name, m.receiver.name))(
        s.service.ListMessages(include=["sender", "receiver"], orderBy=[{"field": "id"}]).Message[0]), ("Kiran", "Evan")),
    ("many to many", lambda s: [t.name for t in s.service.ListUsers({"id": {"eq": 1}}, include=["teams"]).User[0].teams],
     ["Green", "Blue"]),
]

VALUES = [(f"{f} {v!r:.30}", lambda s, f=f, v=v: keeps(s, f, v), ([v, v], 1, None)) for f, v in BOOK]
