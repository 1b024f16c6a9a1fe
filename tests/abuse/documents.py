"""GraphQL requests that are made to hurt: each is small or large to send, and would be larger still to answer."""

import json


def body(query, variables=None):
    return json.dumps({"query": query} if variables is None else {"query": query, "variables": variables})


def aliases(count, field="__typename"):
    return "{" + " ".join(f"a{n}:{field}" for n in range(count)) + "}"


def doubling(levels):
    """Fragments of which each spreads the next one twice."""
    each = " ".join(f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}}" for n in range(levels))
    return f"{{...f0}} {each} fragment f{levels} on Query{{__typename}}"


def ring(length):
    """Fragments that spread each other in a circle."""
    each = " ".join(f"fragment f{n} on Query{{...f{(n + 1) % length}}}" for n in range(length))
    return f"{{...f0}} {each}"


def people(levels):
    """Messages of people of messages, and so on."""
    return "{users{nodes{id " + "sent{nodes{receiver{id " * levels + "}}}" * levels + "}}}"


def overlapping(levels):
    """Fields of one name, merged level by level, each of which is there twice."""
    inner = "id"
    for _ in range(levels):
        inner = f"sender{{sent{{nodes{{{inner}}}}} ...on User{{sent{{nodes{{{inner}}}}}}}}}"
    return f"{{messages{{nodes{{{inner}}}}}}}"


def inside(levels, innermost, name="not"):
    """A filter in a filter."""
    return ('{"%s":' % name) * levels + innermost + "}" * levels


FILTERED = "query($f: UserFilter){users(filter: $f){totalCount}}"


def filtered(filter_text):
    return '{"query": "%s", "variables": {"f": %s}}' % (FILTERED, filter_text)


def introspected(levels):
    return "{__schema{types{" + "fields{type{" * levels + "name" + "}}" * levels + "}}}"


# What, the body of the request. None of them is run.
REFUSED = {
    "5,000 aliases": body(aliases(5_000)),
    "3,000 aliases of a list": body(aliases(3_000, "users{totalCount}")),
    "21 aliases": body(aliases(21, "users{totalCount}")),
    "2^40 fields by fragments": body(doubling(40)),
    "2^200 fields by fragments": body(doubling(200)),
    "a thousand fragments": body("{...f} " + " ".join(f"fragment f{n} on Query{{__typename}}" for n in range(1_000))),
    "100,000 braces": body("{" * 100_000),
    "14,000 braces": body("{a" * 7_000),
    "14,000 brackets in a value": body("{users(filter:" + "[" * 14_000),
    "14,000 braces in a value": body("{users(filter:" + "{not:" * 4_600),
    "14,000 brackets in a type": body("query($a:" + "[" * 14_000),
    "25 levels": body("{users{nodes{" + "teams{nodes{users{nodes{" * 6 + "id" + "}}}}" * 6 + "}}}"),
    "nine relations": body(people(9)),
    "a thousand relations": body(people(1_000)),
    "fields that merge, fourfold each level": body(overlapping(10)),
    "a fragment that spreads itself": body(ring(1)),
    "two fragments that spread each other": body(ring(2)),
    "200 fragments in a ring": body(ring(200)),
    "one field 7,000 times": body("{" + "__typename " * 7_000 + "}"),
    "7,000 unknown fields": body("{" + " ".join(f"x{n}" for n in range(7_000)) + "}"),
    "4,000 unknown arguments": body("{users(" + " ".join(f"a{n}:1" for n in range(4_000)) + "){totalCount}}"),
    "7,000 unknown directives": body("{__typename" + "@a" * 7_000 + "}"),
    "3,000 directives of one field": body("{__typename" + "@skip(if:false)" * 2_000 + "}"),
    "3,000 variables": body("query(" + " ".join(f"$v{n}:Int" for n in range(3_000)) + "){__typename}"),
    "3,000 operations": body(" ".join(f"query q{n}{{__typename}}" for n in range(3_000))),
    "a number of 60,000 digits": body("{users(first:" + "9" * 60_000 + "){totalCount}}"),
    "a text that never ends": body('{users(search:"' + "x" * 60_000),
    "64 KB of commas": body("," * 65_000),
    "a document of 1.5 MB": body("{users{totalCount}}" + "#" * 1_500_000),
    "a document of 10 MB": body("{users{totalCount}}" + "#" * 10_000_000),
    "more rows than a reply may have": body("{users(first:1000){nodes{sent(first:1000){nodes{receiver{sent(first:1000){nodes{id}}}}}}}}"),
    "a page of a million": body("{users(first:1000000){nodes{id}}}"),
    "introspection, 30 levels": body(introspected(30)),
    "introspection, twice": body("{a:__schema{types{name}} b:__schema{types{name}}}"),
    "a batch of 1,000": json.dumps([{"query": "{users{totalCount}}"}] * 1_000),
    "100,000 filters beside each other": filtered('{"or": [%s]}' % ",".join(['{"id":{"eq":1}}'] * 100_000)),
    "100,000 empty filters": filtered('{"or": [%s]}' % ",".join(["{}"] * 100_000)),
    "100,000 values": filtered('{"id": {"in": [%s]}}' % ",".join(["1"] * 100_000)),
    "5,000 filters in a filter": filtered(inside(5_000, "{}")),
    "100 filters in a filter": filtered(inside(100, "{}")),
    "a text of 1.9 MB where a number is wanted": filtered(json.dumps({"id": {"eq": "9" * 1_900_000}})),
    "100,000 unknown members": filtered(json.dumps({f"m{n}": 1 for n in range(100_000)})),
    "100,000 brackets of JSON": '{"query": "{__typename}", "variables": ' + "[" * 100_000,
    "100,000 brackets in a variable": filtered("[" * 50_000 + "]" * 50_000),
    "a batch in a batch": "[" * 1_000 + "]" * 1_000,
    "a regular expression that explodes": filtered(json.dumps({"name": {"match": "(((((a{1,1000}){1,1000}){1,1000}){1,1000})"}})),
}
