"""The documented uses of Python's supabase, against the built binary. One table: a name, a call, what comes."""

import sys
from datetime import date
from pathlib import Path

from postgrest.exceptions import APIError
from supabase import ClientOptions, create_client

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))
from server import ROOT, Server, Tally  # noqa: E402

KIRAN = "01920000-0000-7000-8000-000000000001"
LUKE, LEIA, HAN = {"id": 1, "name": "Luke"}, {"id": 2, "name": "Leia"}, {"id": 3, "name": "Han"}


def ids(*numbers):
    return [{"id": n} for n in numbers]


READS = [
    ("all columns", lambda t: t("characters").select("*"), [LUKE, LEIA, HAN]),
    ("one column", lambda t: t("characters").select("name").limit(1), [{"name": "Luke"}]),
    ("referenced tables", lambda t: t("orchestral_sections").select("name, instruments(name)").eq("id", 2),
     [{"name": "woodwinds", "instruments": [{"name": "flute"}]}]),
    ("through a join table", lambda t: t("users").select("name, teams(name)").eq("id", 2),
     [{"name": "Evan", "teams": [{"name": "Blue"}]}]),
    ("one table twice", lambda t: t("messages").select("content, from:sender_id(name), to:receiver_id(name)").eq("id", 1),
     [{"content": "👋", "from": {"name": "Kiran"}, "to": {"name": "Evan"}}]),
    ("an inner join", lambda t: t("instruments").select("name, orchestral_sections!inner(name)")
     .eq("orchestral_sections.name", "woodwinds"), [{"name": "flute", "orchestral_sections": {"name": "woodwinds"}}]),
    ("a member of JSON", lambda t: t("users").select("id, name, address->city").eq("id", 1),
     [{"id": 1, "name": "Kiran", "city": "Hobart"}]),
    ("a count of related rows", lambda t: t("orchestral_sections").select("name, instruments(count)").eq("id", 1),
     [{"name": "strings", "instruments": [{"count": 2}]}]),
    ("a spread", lambda t: t("instruments").select("name, ...orchestral_sections(section:name)").eq("id", 1),
     [{"name": "flute", "section": "woodwinds"}]),
    ("eq", lambda t: t("characters").select("*").eq("name", "Leia"), [LEIA]),
    ("neq", lambda t: t("characters").select("*").neq("name", "Leia"), [LUKE, HAN]),
    ("gt", lambda t: t("characters").select("*").gt("id", 2), [HAN]),
    ("gte", lambda t: t("characters").select("*").gte("id", 2), [LEIA, HAN]),
    ("lt", lambda t: t("characters").select("*").lt("id", 2), [LUKE]),
    ("lte", lambda t: t("characters").select("*").lte("id", 2), [LUKE, LEIA]),
    ("gt on a date", lambda t: t("books").select("id").gt("published", date(2000, 1, 1)), ids(1)),
    ("like", lambda t: t("characters").select("*").like("name", "%Lu%"), [LUKE]),
    ("like_all_of", lambda t: t("characters").select("*").like_all_of("name", "L%,%a"), [LEIA]),
    ("like_any_of", lambda t: t("characters").select("*").like_any_of("name", "Lu%,%n"), [LUKE, HAN]),
    ("ilike", lambda t: t("characters").select("*").ilike("name", "%lu%"), [LUKE]),
    ("is null", lambda t: t("countries").select("id").is_("name", "null"), ids(2)),
    ("is None", lambda t: t("countries").select("id").is_("name", None), ids(2)),
    ("in", lambda t: t("characters").select("*").in_("name", ["Leia", "Han"]), [LEIA, HAN]),
    ("in, with a comma", lambda t: t("books").select("id").in_("author", ["A. Walker", "x, y"]), ids(1)),
    ("contains on an array", lambda t: t("issues").select("id").contains("tags", ["is:open", "priority:low"]), ids(1)),
    ("contains on JSON", lambda t: t("users").select("id").contains("address", {"postcode": 90210}), ids(1)),
    ("contained_by", lambda t: t("classes").select("id")
     .contained_by("days", ["monday", "tuesday", "wednesday", "friday"]), ids(1)),
    ("overlaps", lambda t: t("issues").select("id").overlaps("tags", ["is:closed", "severity:high"]), ids(1)),
    ("text_search", lambda t: t("texts").select("content").text_search(
        "content", "'eggs' & 'ham'", options={"config": "english"}), [{"content": "Green eggs and ham"}]),
    ("fts", lambda t: t("texts").select("id").fts("content", "seven"), ids(1)),
    ("plfts", lambda t: t("quotes").select("id").plfts("catchphrase", "fat cat"), ids(1)),
    ("match", lambda t: t("characters").select("*").match({"id": 2, "name": "Leia"}), [LEIA]),
    ("not is null", lambda t: t("countries").select("id").not_.is_("name", "null").order("id"), ids(1, 3, 4)),
    ("not in", lambda t: t("characters").select("*").not_.in_("id", [1, 2]), [HAN]),
    ("or", lambda t: t("characters").select("*").or_("id.eq.2,name.eq.Han"), [LEIA, HAN]),
    ("or with and", lambda t: t("characters").select("*").or_("id.gt.3,and(id.eq.1,name.eq.Luke)"), [LUKE]),
    ("or of a referenced table", lambda t: t("orchestral_sections").select("name, instruments!inner(name)")
     .or_("section_id.eq.2,name.eq.guzheng", reference_table="instruments"),
     [{"name": "woodwinds", "instruments": [{"name": "flute"}]}]),
    ("filter", lambda t: t("characters").select("*").filter("name", "in", '("Han","Yoda")'), [HAN]),
    ("order", lambda t: t("characters").select("id").order("name", desc=True), ids(1, 2, 3)),
    ("order, nulls first", lambda t: t("countries").select("id").order("name", nullsfirst=True).limit(1), ids(2)),
    ("order of a referenced table", lambda t: t("orchestral_sections").select("name, instruments(name)").eq("id", 1)
     .order("name", desc=True, foreign_table="instruments"),
     [{"name": "strings", "instruments": [{"name": "violin"}, {"name": "harp"}]}]),
    ("a limit", lambda t: t("characters").select("name").limit(1), [{"name": "Luke"}]),
    ("an offset", lambda t: t("characters").select("name").order("id").limit(1).offset(1), [{"name": "Leia"}]),
    ("a range", lambda t: t("characters").select("name").range(0, 1), [{"name": "Luke"}, {"name": "Leia"}]),
    ("single", lambda t: t("characters").select("name").eq("id", 1).single(), {"name": "Luke"}),
    ("maybe_single", lambda t: t("characters").select("name").eq("id", 1).maybe_single(), {"name": "Luke"}),
    ("csv", lambda t: t("characters").select("id, name").csv(), "id,name\n1,Luke\n2,Leia\n3,Han"),
    ("no notes for a stranger", lambda t: t("notes").select("*"), []),
]

# In this order: each finds what those before it have left.
WRITES = [
    ("insert", lambda t: t("countries").insert({"id": 101, "name": "Denmark"}),
     [{"id": 101, "name": "Denmark", "code": None}]),
    ("insert without an answer", lambda t: t("countries").insert({"id": 102, "name": "Nepal"}, returning="minimal"), []),
    ("insert many", lambda t: t("countries").insert([{"id": 103, "name": "Vietnam"}, {"id": 104, "name": "Kenya"}]),
     [{"id": 103, "name": "Vietnam", "code": None}, {"id": 104, "name": "Kenya", "code": None}]),
    ("insert rows with different members", lambda t: t("countries").insert([{"id": 105}, {"id": 106, "code": "ZZ"}]),
     [{"id": 105, "name": None, "code": None}, {"id": 106, "name": None, "code": "ZZ"}]),
    ("insert, missing by default", lambda t: t("users").insert([{"id": 107}, {"id": 108, "status": "ONLINE"}],
     default_to_null=False).select("id, status"), [{"id": 107, "status": "OFFLINE"}, {"id": 108, "status": "ONLINE"}]),
    ("update", lambda t: t("countries").update({"name": "Australia"}).eq("id", 101),
     [{"id": 101, "name": "Australia", "code": None}]),
    ("update no row", lambda t: t("countries").update({"name": "x"}).eq("id", -1), []),
    ("update JSON", lambda t: t("users").update({"address": {"city": "Oslo"}}).eq("id", 107).select("address"),
     [{"address": {"city": "Oslo"}}]),
    ("upsert", lambda t: t("instruments").upsert({"id": 110, "name": "piano"}),
     [{"id": 110, "name": "piano", "section_id": None}]),
    ("upsert again", lambda t: t("instruments").upsert({"id": 110, "name": "organ"}),
     [{"id": 110, "name": "organ", "section_id": None}]),
    ("upsert many", lambda t: t("instruments").upsert([{"id": 110, "name": "lute"}, {"id": 111, "name": "harp"}]),
     [{"id": 110, "name": "lute", "section_id": None}, {"id": 111, "name": "harp", "section_id": None}]),
    ("upsert on another unique column", lambda t: t("users").upsert(
        {"handle": "mai", "display_name": "Mai"}, on_conflict="handle").select("id, display_name"),
     [{"id": 3, "display_name": "Mai"}]),
    ("upsert that keeps", lambda t: t("users").upsert(
        {"handle": "mai", "display_name": "Other"}, on_conflict="handle", ignore_duplicates=True).select("id"), []),
    ("delete", lambda t: t("countries").delete().eq("id", 101), [{"id": 101, "name": "Australia", "code": None}]),
    ("delete many", lambda t: t("countries").delete().in_("id", [102, 103, 104, 105, 106]).select("id"),
     ids(102, 103, 104, 105, 106)),
    ("delete no row", lambda t: t("countries").delete().eq("id", -1), []),
]

REFUSALS = [
    ("single of several", lambda t: t("characters").select("name").single(), "PGRST116"),
    ("an unknown table", lambda t: t("nowhere").select("*"), "PGRST205"),
    ("a hidden table", lambda t: t("vaults").select("*"), "PGRST205"),
    ("an unknown column", lambda t: t("characters").select("nmae"), "42703"),
    ("an unknown column in an insert", lambda t: t("countries").insert({"nmae": 1}), "PGRST204"),
    ("a wrong type", lambda t: t("characters").select("*").eq("id", "abc"), "22P02"),
    ("a key twice", lambda t: t("countries").insert({"id": 1}), "23505"),
    ("a reference to nothing", lambda t: t("cities").insert({"name": "x", "country_id": 999}), "23503"),
    ("an update without a filter", lambda t: t("countries").update({"name": "x"}), "21000"),
    ("a stranger's note", lambda t: t("notes").insert({"body": "x"}), "42501"),
    ("ambiguous relations", lambda t: t("messages").select("users(*)"), "PGRST201"),
    ("too many affected", lambda t: t("characters").update({"name": "x"}).gt("id", 0).max_affected(1), "PGRST124"),
    # What the documentation of this client shows and this server refuses.
    ("rangeGt", lambda t: t("reservations").select("*").range_gt("starts", ["2000-01-02 08:00", "2000-01-02 09:00"]), "42883"),
    ("rangeGte", lambda t: t("reservations").select("*").range_gte("starts", ["2000-01-02 08:30", "2000-01-02 09:30"]), "42883"),
    ("rangeLt", lambda t: t("reservations").select("*").range_lt("starts", ["2000-01-01 15:00", "2000-01-01 16:00"]), "42883"),
    ("rangeLte", lambda t: t("reservations").select("*").range_lte("starts", ["2000-01-01 14:00", "2000-01-01 16:00"]), "42883"),
    ("rangeAdjacent", lambda t: t("reservations").select("*").range_adjacent("starts", ["2000-01-01 12:00", "2000-01-01 13:00"]),
     "42883"),
    ("the plan of a query", lambda t: t("characters").select("*").explain(), "PGRST107"),
]


def answer(call):
    """The data of a call, or the code of its error."""
    try:
        return call.execute().data
    except APIError as error:
        return f"error {error.code}: {error.message}"


def expect(tally, what, call, expected):
    got = answer(call)
    if isinstance(expected, str) and isinstance(got, str) and not got.startswith("error "):
        got = got.replace("\r\n", "\n").rstrip("\n")
    tally.check(what, got == expected, f"expected {expected!r}\n       got      {got!r}")


def refuse(tally, what, call, code):
    got = answer(call)
    tally.check(what, isinstance(got, str) and got.startswith(f"error {code}:"), f"expected {code}, got {got!r}")


def counts(tally, table):
    for kind in ("exact", "planned", "estimated"):
        tally.check(f"count {kind}", table("characters").select("*", count=kind).execute().count == 3)
    tally.check("count without rows", table("characters").select("*", count="exact", head=True).execute().count == 3)
    tally.check("count of none", table("characters").select("*", count="exact").eq("id", -1).execute().count == 0)
    written = table("countries").insert([{"id": 201}, {"id": 202}], count="exact").execute()
    tally.check("count of written rows", written.count == 2, repr(written))
    gone = table("countries").delete(count="exact").in_("id", [201, 202]).execute()
    tally.check("count of deleted rows", gone.count == 2, repr(gone))
    tally.check("maybe_single without a row", table("characters").select("*").eq("id", -1).maybe_single().execute() is None)


def callers(tally, server, client):
    headers = {"Authorization": f"Bearer {server.token(KIRAN)}"}
    mine = create_client(server.url, server.key, ClientOptions(headers=headers)).table
    expect(tally, "a caller's own notes", mine("notes").select("body"), [{"body": "Mine"}])
    expect(tally, "a caller's new note", mine("notes").insert({"body": "New"}).select("owner"), [{"owner": KIRAN}])
    service = create_client(server.url, server.secret).table
    expect(tally, "the secret key", service("notes").select("id").lte("id", 2).order("id"), ids(1, 2))
    old = create_client(server.url, server.keys["anon"]).table
    expect(tally, "the anon key as a JWT", old("characters").select("*").eq("id", 1), [LUKE])
    refuse(tally, "a function", client.rpc("hello_world"), "PGRST202")
    refuse(tally, "another schema", client.schema("myschema").table("mytable").select("*"), "PGRST106")


def main():
    tally = Tally("supabase (Python)")
    with Server(ROOT / "tests" / "fixture") as server:
        client = create_client(server.url, server.key)
        for what, call, expected in READS + WRITES:
            expect(tally, what, call(client.table), expected)
        for what, call, code in REFUSALS:
            refuse(tally, what, call(client.table), code)
        counts(tally, client.table)
        callers(tally, server, client)
        tally.check("the server ends cleanly", server.stop() == 0, server.logged())
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
