"""The table of bad requests: what, method, path, headers, body, the statuses that are right, a word that the error says.

A path or body may be bytes. `None` for the statuses means any 4xx. The schema is that of tests/fixture.
"""

DEEP = 100_000
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
T = "/rest/v1/characters"
B = "/rest/v1/books"


def post(what, body, statuses=None, says="", path=T, headers=JSON):
    return what, "POST", path, headers, body, statuses, says


def get(what, path, statuses=None, says=""):
    return what, "GET", path, {}, None, statuses, says


def tree(word, depth):
    return f"{word}=(" + f"{word}(" * depth + "id.eq.1" + ")" * depth + ")"


PATHS = [
    get("NUL in the path", "/rest/v1/chara%00cters"),
    get("NUL in a value", f"{T}?name=eq.a%00b", says="NUL"),
    get("NUL in a name", f"{T}?na%00me=eq.a"),
    get("NUL in select", f"{T}?select=na%00me"),
    get("invalid UTF-8 in the path", "/rest/v1/%ff%fe"),
    get("invalid UTF-8 in a value", f"{T}?name=eq.%ff%fe", says="UTF-8"),
    get("invalid UTF-8 in a name", f"{T}?%c3%28=eq.1"),
    get("an overlong form of a slash", "/rest/v1/%c0%af"),
    get("a lone surrogate", f"{T}?name=eq.%ed%a0%80"),
    # As in the URL standard, such a percent sign stands for itself.
    get("half an escape", f"{T}?name=eq.%", [200]),
    get("an escape that is not one", f"{T}?name=eq.%zz", [200]),
    get("a path too deep", f"{T}/1/2/3/4", [404]),
    get("dots in the path", "/rest/v1/../../etc/passwd"),
    get("escaped dots", "/rest/v1/%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
    get("no table", "/rest/v1//"),
    get("a quoted table", '/rest/v1/%22characters%22%3bdrop%20table%20books'),
    get("a system table", "/rest/v1/sqlite_master", [404]),
    get("another system table", "/rest/v1/bistro_accounts", [404]),
    get("a line of 80 KB", f"{T}?name=eq.{'x' * 80_000}", [414, 431], "65536"),
    get("a line of 1 MB", f"{T}?name=eq.{'x' * 1_000_000}", [414, 431]),
    get("two hundred parameters", f"{T}?" + "&".join(f"name=neq.{n}" for n in range(200)), says="100"),
    get("three thousand values in a list", f"{T}?id=in.({','.join(map(str, range(3000)))})", says="2000"),
    get("an empty key is the list", f"{T}/", [200]),
    get("a key of the wrong type", f"{T}/abc", [400], "abc"),
    get("a key with too many parts", f"{T}/1,2", None),
    get("a key with too few parts", "/rest/v1/seats/1", None),
    ("a method that is not there", "BREW", T, {}, None, [405], "BREW"),
    ("PUT of a list", "PUT", T, JSON, "{}", None, ""),
    ("a schema that is not there", "GET", T, {"Accept-Profile": "secret"}, None, [406], "secret"),
    ("a form that is not there", "GET", T, {"Accept": "text/html"}, None, [406], "text/html"),
    ("a range upside down", "GET", T, {"Range-Unit": "items", "Range": "5-2"}, None, [416], ""),
]

QUERIES = [
    get("an unknown operator", f"{T}?id=equals.1", [400], "operator"),
    get("no operator", f"{T}?id=1", [400]),
    get("two nots", f"{T}?id=not.not.eq.1", [400]),
    get("a list without brackets", f"{T}?id=in.1,2", [400]),
    get("a list that does not end", f"{T}?id=in.(1,2", [400]),
    get("is something else", f"{T}?id=is.maybe", [400], "maybe"),
    get("an empty tree", f"{T}?or=()", [400]),
    get("a tree that does not end", f"{T}?or=(id.eq.1", [400]),
    get("a tree with a hole", f"{T}?or=(id.eq.1,,id.eq.2)", [400]),
    get("text after a tree", f"{T}?or=(id.eq.1)x", [400]),
    get("and, 100k deep", f"{T}?{tree('and', DEEP // 10)}"),
    get("or, a thousand deep", f"{T}?{tree('or', 1000)}", says="deep"),
    get("not, a thousand deep", f"{T}?or=(" + "not.and(" * 1000 + "id.eq.1" + ")" * 1001, None),
    get("embeds, a thousand deep", "/rest/v1/orchestral_sections?select=" + "instruments(orchestral_sections(" * 500 + "id" + "))" * 500),
    get("brackets, 10k deep", f"{T}?select=" + "(" * 10_000),
    get("a JSON path, a thousand deep", "/rest/v1/users?select=address" + "->a" * 1000, None),
    get("select that does not end", f"{T}?select=id,name(", [400]),
    get("select with a hole", f"{T}?select=id,,name", [400]),
    get("an unknown cast", f"{T}?select=id::nonsense", [400], "nonsense"),
    get("an unknown aggregate", f"{T}?select=id.median()", [400]),
    get("a sum of text", f"{T}?select=name.sum()", [404, 400]),
    get("an unknown hint", "/rest/v1/instruments?select=orchestral_sections!nonsense(id)", [400], "nonsense"),
    get("order that is not one", f"{T}?order=id.sideways", [400], "sideways"),
    get("order by a relation that is not embedded", "/rest/v1/instruments?order=orchestral_sections(name)", [400], "orchestral_sections"),
    get("order within a relation to many", "/rest/v1/orchestral_sections?select=instruments(id)&order=instruments(id)", [400], "instruments"),
    get("a filter of what is not embedded", f"{T}?vaulted.id=eq.1", [400], "vaulted"),
    get("a negative limit", f"{T}?limit=-1", [416], "zero"),
    get("a huge limit", f"{T}?limit={'9' * 40}", [200, 206, 400, 416]),
    get("a huge offset", f"{T}?offset={'9' * 40}", [200, 206, 400, 416]),
    get("an offset of 2^63", f"{T}?offset=9223372036854775808", [200, 206, 400, 416]),
    get("a number beyond 64 bits", f"{T}?id=eq.9223372036854775808", [400], "9223372036854775808"),
    get("a number of 10k digits", f"{T}?id=eq.{'9' * 10_000}", [400]),
    get("an exponent", f"{B}?price=eq.1e999999999", [400]),
    get("a decimal of 10k digits", f"{B}?price=eq.0.{'1' * 10_000}", [200, 400]),
    get("not a number", f"{B}?price=eq.NaN", [200, 400]),
    get("an infinite float", f"{B}?rating=eq.1e400", [400]),
    get("not a date", f"{B}?published=eq.soon", [400], "soon"),
    get("an impossible date", f"{B}?published=eq.2023-02-30", [400], "2023-02-30"),
    get("the year 10000", f"{B}?published=eq.10000-01-01", [400]),
    get("not a time", f"{B}?opens=eq.25:61", [400]),
    get("not a uuid", f"{B}?serial=eq.1234", [400], "1234"),
    get("not bytes", f"{B}?cover=eq.%5Cxzz", [200, 400]),
    get("not a boolean", f"{B}?signed=eq.perhaps", [400], "perhaps"),
    get("not of the enum", "/rest/v1/users?status=eq.AWAY", [400], "AWAY"),
    get("an array that does not end", "/rest/v1/issues?tags=cs.{a", [400]),
    get("JSON that does not end", "/rest/v1/users?address=cs.{", [400]),
    get("JSON, 100k deep, in a filter", "/rest/v1/users?address=cs." + "[" * 60_000, None),
    get("a regular expression that does not end", f"{T}?name=match.(", [400]),
    get("a regular expression of repeats", f"{T}?name=match.(a%7B1000%7D)%7B1000%7D", None),
    get("a regular expression, 1 KB", f"{T}?name=match.{'a' * 1000}", [400], "256"),
    get("a pattern, 1 KB", f"{T}?name=like.{'a' * 1000}", [400], "256"),
    get("a search that is not one", "/rest/v1/texts?content=fts.a%20%26", [400]),
    get("a search with brackets", "/rest/v1/texts?content=fts.((((", [400]),
    get("a search in the store's own words", "/rest/v1/texts?content=plfts.content:%22x%22%20NEAR%20*", [200]),
    get("a search in a language that is not there", "/rest/v1/texts?content=fts(klingon).a", [400], "klingon"),
    get("quotes and comments", f"{T}?name=eq.'%3B--%20drop%20table%20characters", [200]),
    get("quotes in a name", f"{T}?na'me%22=eq.1", [400]),
]

BODIES = [
    post("an empty body", "", [400], "json"),
    post("broken JSON", '{"name": ', [400]),
    post("text after JSON", '{"name": "a"} x', [400]),
    post("two documents", '{"name": "a"}{"name": "b"}', [400]),
    post("a number as body", "7", [400]),
    post("a list of numbers", "[1, 2]", [400]),
    post("a list of lists", '[[{"name": "a"}]]', [400]),
    post("null", "null", [400]),
    post("invalid UTF-8", b'{"name": "\xff\xfe"}', [400], "UTF-8"),
    post("a lone surrogate", '{"name": "\\ud800"}', [400]),
    post("NUL in text", '{"name": "a\\u0000b"}', [400], "name"),
    post("a NUL byte", b'{"name": "a\x00b"}', [400]),
    post("a member twice", '{"name": "a", "name": "b"}', [400], "name"),
    post("a member twice, deep inside JSON", '{"address": {"a": {"b": 1, "b": 2}}}', [201, 400], path="/rest/v1/users"),
    post("rows of different members", '[{"name": "a"}, {"id": 5}]', [400], "keys"),
    post("an unknown member", '{"nmae": "a"}', [400], "nmae"),
    post("a member without a name", '{"": "a"}', [400]),
    post("the wrong type", '{"name": {"a": 1}}', [201, 400]),
    post("text for a number", '{"points": "many"}', [400], "many", path="/rest/v1/issues"),
    post("a list for a number", '{"points": [1]}', [400], path="/rest/v1/issues"),
    post("a fraction for an integer", '{"points": 1.5}', [400], path="/rest/v1/issues"),
    post("a number beyond 32 bits", '{"points": 2147483648}', [400], "2147483648", path="/rest/v1/issues"),
    post("the last key of 64 bits", '{"id": 9223372036854775807}', [400], "9223372036854775807"),
    post("a number beyond 64 bits", '{"id": 99999999999999999999}', [400]),
    post("a number of 10k digits", '{"id": ' + "9" * 10_000 + "}", [400]),
    post("an exponent", '{"title": "x", "price": 1e999999999}', [400], path=B),
    post("an infinite float", '{"title": "x", "rating": 1e400}', [400], path=B),
    post("NaN", '{"title": "x", "rating": NaN}', [400], path=B),
    post("lists, 100k deep", "[" * DEEP + "]" * DEEP, [400, 413]),
    post("objects, 100k deep", '{"a":' * DEEP + "1" + "}" * DEEP, [400, 413]),
    post("JSON, 100k deep, in a field", '{"address": ' + "[" * DEEP + "]" * DEEP + "}", [400, 413], path="/rest/v1/users"),
    post("3 MB", '{"name": "' + "x" * 3_000_000 + '"}', [413]),
    post("a form that is not there", "<a/>", [400, 415], "xml", headers={"Content-Type": "application/xml"}),
    post("no form at all", '{"name": "a"}', [201, 400, 415], headers={}),
    post("another character set", b'{"name": "\xe4"}', [400, 415], headers={"Content-Type": "application/json; charset=latin1"}),
    post("columns that are not there", '{"name": "a"}', [400], "nmae", path=f"{T}?columns=nmae"),
    post("a conflict on nothing", '{"name": "a"}', [400], path=f"{T}?on_conflict=nmae", headers=JSON | {"Prefer": "resolution=merge-duplicates"}),
    post("preferences that are not there", '{"name": "a"}', [400], "nonsense", headers=JSON | {"Prefer": "handling=strict, nonsense"}),
    post("CSV with too many cells", "id,name\n1,a,b\n", [400], headers=CSV),
    post("CSV with too few cells", "id,name\n1\n", [400], headers=CSV),
    post("CSV with a quote that does not end", 'id,name\n901,"a\n', [400], headers=CSV),
    post("CSV with a column twice", "name,name\na,b\n", [400], "name", headers=CSV),
    post("CSV with an unknown column", "nmae\na\n", [400], "nmae", headers=CSV),
    post("CSV of the wrong type", "id\nabc\n", [400], "abc", headers=CSV),
    post("CSV that is not UTF-8", b"name\n\xff\xfe\n", [400], headers=CSV),
    post("CSV with NUL", b"name\na\x00b\n", [400], headers=CSV),
    post("an empty CSV", "", [400, 201], headers=CSV),
    ("an update without a filter", "PATCH", T, JSON, '{"name": "x"}', [400], "WHERE"),
    ("an update with two objects", "PATCH", f"{T}?id=eq.1", JSON, '[{"name": "x"}, {"name": "y"}]', [400], ""),
    ("an update of the key to null", "PATCH", f"{T}?id=eq.1", JSON, '{"id": null}', [400], "id"),
    ("a delete without a filter", "DELETE", T, {}, None, [400], "WHERE"),
    ("an upsert with a key of null", "POST", "/rest/v1/users?on_conflict=handle", JSON | {"Prefer": "resolution=merge-duplicates"},
     '{"id": null, "handle": "kiran"}', [200, 400], ""),
    ("PUT with another key", "PUT", f"{T}?id=eq.1", JSON, '{"id": 2}', [400], ""),
    ("a precondition that fails", "PATCH", f"{T}/1", JSON | {"If-Match": '"nonsense"'}, '{"name": "x"}', [412], ""),
]


def batch(what, body, statuses=None, says=""):
    return post(what, body, statuses, says, path="/batch/v1")


BATCHES = [
    batch("a batch that is not one", "[]", [400]),
    batch("a batch without operations", "{}", [400], "operations"),
    batch("a batch of none", '{"operations": []}', [400]),
    batch("a batch of 101", '{"operations": [' + ",".join(['{"method": "GET", "path": "/rest/v1/books"}'] * 101) + "]}", [400], "100"),
    batch("a batch in a batch", '{"operations": [{"method": "POST", "path": "/batch/v1", "body": {}}]}', [400, 404]),
    batch("a batch to another place", '{"operations": [{"method": "GET", "path": "/docs"}]}', [400, 404]),
    batch("a batch to another host", '{"operations": [{"method": "GET", "path": "http://example.org/rest/v1/books"}]}', [400, 404]),
    batch("a reference forward", '{"operations": [{"method": "POST", "path": "/rest/v1/books", "body": {"title": "x"}, "refs": {"id": "$1.id"}}]}', [400]),
    batch("a reference to itself", '{"operations": [{"method": "POST", "path": "/rest/v1/books", "body": {}, "refs": {"id": "$0.id"}}]}', [400]),
    batch("a reference that is not one", '{"operations": [{"method": "POST", "path": "/rest/v1/books", "body": {}, "refs": {"id": "$x"}}]}', [400]),
    batch("a huge reference", '{"operations": [{"method": "POST", "path": "/rest/v1/books", "body": {}, "refs": {"id": "$99999999999999999999.id"}}]}', [400]),
    batch("an unknown member", '{"operations": [], "extra": 1}', [400]),
    batch("an operation that fails is named", '{"operations": [{"method": "GET", "path": "/rest/v1/books"}, {"method": "GET", "path": "/rest/v1/nowhere"}]}', [404], '"index":1'),
    batch("operations, 100k deep", '{"operations": ' + "[" * DEEP + "]" * DEEP + "}", [400, 413]),
]

CASES = PATHS + QUERIES + BODIES + BATCHES
