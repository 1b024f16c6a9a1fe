"""Every position where a request can name something: a hidden name is answered exactly like one that was never there.

`{}` stands for the name. The schema is that of tests/fixture, the caller is anonymous: `alias` belongs to keepers, `sealed`
never leaves the server, `vault` leads to a type that exists for keepers alone.
"""

JSON = {"Content-Type": "application/json"}
BACK = JSON | {"Prefer": "return=representation"}
XML = {"Content-Type": "application/soap+xml"}
MERGE = JSON | {"Prefer": "resolution=merge-duplicates"}
T = "/rest/v1/characters"


def soap(element):
    """An envelope of SOAP 1.2, whose faults have the status of other refusals."""
    element = element.replace(">", ' xmlns="urn:bistro:v1">', 1)
    return f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{element}</s:Body></s:Envelope>'


# hidden name -> a name of the same form that is not there; the unknown ones are near nothing, so that no hint differs
FIELDS = {"alias": "qzxwv", "sealed": "qzxwvk", "vault": "qzxwj", "vault_id": "qzxwj_kw"}
TYPES = {"vaults": "qzxwvk", "Vault": "Qzxwv"}
RELATIONS = {"vaults": "qzxwvk", "vault": "qzxwj", "vault_id": "qzxwj_kw", "characters_vault_id_fkey": "characters_qzxwj_kw_fkey"}

AT_FIELDS = [
    ("select", "GET", T + "?select={}", {}, None),
    ("select among others", "GET", T + "?select=id,{},name", {}, None),
    ("select with another name", "GET", T + "?select=x:{}", {}, None),
    ("select with a cast", "GET", T + "?select={}::text", {}, None),
    ("select with a JSON path", "GET", T + "?select={}->a", {}, None),
    ("an aggregate", "GET", T + "?select={}.max()", {}, None),
    ("a count", "GET", T + "?select={}.count()", {}, None),
    ("a filter", "GET", T + "?{}=eq.1", {}, None),
    ("a filter for null", "GET", T + "?{}=is.null", {}, None),
    ("a filter with a JSON path", "GET", T + "?{}->>a=eq.1", {}, None),
    ("a bad filter", "GET", T + "?{}=like.1", {}, None),
    ("a search", "GET", T + "?{}=plfts.x", {}, None),
    ("a tree", "GET", T + "?or=(id.eq.1,{}.eq.1)", {}, None),
    ("a tree within a tree", "GET", T + "?and=(id.eq.1,not.or({}.is.null,id.eq.2))", {}, None),
    ("order", "GET", T + "?order={}", {}, None),
    ("order among others", "GET", T + "?order=id,{}.desc.nullslast", {}, None),
    ("columns", "POST", T + "?columns=name,{}", JSON, '{"name": "a"}'),
    ("on_conflict", "POST", T + "?on_conflict={}", MERGE, '{"name": "a"}'),
    ("an insert", "POST", T, JSON, '{"name": "a", "{}": "b"}'),
    ("an insert of null", "POST", T, JSON, '{"name": "a", "{}": null}'),
    ("an insert by CSV", "POST", T, {"Content-Type": "text/csv"}, "name,{}\na,b\n"),
    ("an insert, returning", "POST", T + "?select={}", BACK, '{"name": "a"}'),
    ("an update", "PATCH", T + "?id=eq.1", JSON, '{"{}": "b"}'),
    ("an update by a filter", "PATCH", T + "?{}=eq.1", JSON, '{"name": "b"}'),
    ("an update, returning", "PATCH", T + "?id=eq.1&select={}", BACK, '{"name": "Luke"}'),
    ("a delete by a filter", "DELETE", T + "?{}=eq.1", {}, None),
    ("a delete, returning", "DELETE", T + "?id=eq.-1&select={}", {"Prefer": "return=representation"}, None),
    ("one row", "GET", T + "/1?select={}", {}, None),
    ("an update of one row", "PATCH", T + "/1", JSON, '{"{}": "b"}'),
    ("PUT of one row", "PUT", T + "/1", JSON, '{"name": "Luke", "{}": "b"}'),
    ("a batch", "POST", "/batch/v1", JSON, '{"operations": [{"method": "POST", "path": "/rest/v1/characters", "body": {"{}": 1}}]}'),
    ("a key of SOAP", "POST", "/soap/v1", XML, soap("<GetCharacter><key><{}>1</{}></key></GetCharacter>")),
    ("a filter of SOAP", "POST", "/soap/v1", XML, soap("<CountCharacters><filter><{}><eq>1</eq></{}></filter></CountCharacters>")),
    ("an order of SOAP", "POST", "/soap/v1", XML, soap("<ListCharacters><orderBy><field>{}</field></orderBy></ListCharacters>")),
    ("an inclusion of SOAP", "POST", "/soap/v1", XML, soap("<ListCharacters><include>{}</include></ListCharacters>")),
    ("an insert by SOAP", "POST", "/soap/v1", XML, soap("<CreateCharacter><input><{}>1</{}></input></CreateCharacter>")),
    ("an update by SOAP", "POST", "/soap/v1", XML, soap("<UpdateCharacter><key><id>1</id></key><set><{}>1</{}></set></UpdateCharacter>")),
    ("a reference of a batch", "POST", "/batch/v1", JSON,
     '{"operations": [{"method": "POST", "path": "/rest/v1/characters?select=id", "headers": {"Prefer": "return=representation"}, '
     '"body": {"name": "a"}}, {"method": "GET", "path": "/rest/v1/characters?id=eq.{$0.{}}"}]}'),
]

AT_TYPES = [
    ("a list", "GET", "/rest/v1/{}", {}, None),
    ("one row", "GET", "/rest/v1/{}/1", {}, None),
    ("a head", "HEAD", "/rest/v1/{}", {}, None),
    ("options", "OPTIONS", "/rest/v1/{}", {}, None),
    ("an insert", "POST", "/rest/v1/{}", JSON, '{"combination": "x"}'),
    ("an update", "PATCH", "/rest/v1/{}?id=eq.1", JSON, '{"combination": "x"}'),
    ("a delete", "DELETE", "/rest/v1/{}?id=eq.1", {}, None),
    ("PUT", "PUT", "/rest/v1/{}/1", JSON, '{"combination": "x"}'),
    ("a batch", "POST", "/batch/v1", JSON, '{"operations": [{"method": "GET", "path": "/rest/v1/{}"}]}'),
]

AT_RELATIONS = [
    ("an embed", "GET", T + "?select=id,{}(*)", {}, None),
    ("an embed of one column", "GET", T + "?select={}(combination)", {}, None),
    ("an empty embed", "GET", T + "?select=id,{}()", {}, None),
    ("an inner embed", "GET", T + "?select=id,{}!inner(id)", {}, None),
    ("a spread", "GET", T + "?select=id,...{}(id)", {}, None),
    ("an embed under another name", "GET", T + "?select=v:{}(id)", {}, None),
    ("a hint", "GET", T + "?select=books!{}(id)", {}, None),
    ("a filter of an embed", "GET", T + "?{}.id=eq.1", {}, None),
    ("an order of an embed", "GET", T + "?{}.order=id", {}, None),
    ("a limit of an embed", "GET", T + "?{}.limit=1", {}, None),
    ("a tree of an embed", "GET", T + "?{}.or=(id.eq.1,id.eq.2)", {}, None),
    ("an order by an embed", "GET", T + "?order={}(id)", {}, None),
    ("an insert, returning", "POST", T + "?select={}(id)", BACK, '{"name": "a"}'),
    ("an inclusion of SOAP", "POST", "/soap/v1", XML, soap("<ListCharacters><include>{}.id</include></ListCharacters>")),
    ("a filter by a relation of SOAP", "POST", "/soap/v1", XML, soap("<CountCharacters><filter><{}><id><eq>1</eq></id></{}></filter></CountCharacters>")),
    ("a filter by related rows of SOAP", "POST", "/soap/v1", XML, soap("<CountCharacters><filter><{}><some/></{}></filter></CountCharacters>")),
    ("an order by a relation of SOAP", "POST", "/soap/v1", XML, soap("<ListCharacters><orderBy><field>{}.id</field></orderBy></ListCharacters>")),
]

# Hints name the nearest operation: this name is as far from each that can be seen as the hidden one, and near that one.
OPERATIONS = {"Vault": "Wault"}
AT_OPERATIONS = [
    ("one row by SOAP", "POST", "/soap/v1", XML, soap("<Get{}><key><id>1</id></key></Get{}>")),
    ("an insert by SOAP", "POST", "/soap/v1", XML, soap("<Create{}><input><combination>x</combination></input></Create{}>")),
    ("a delete by SOAP", "POST", "/soap/v1", XML, soap("<Delete{}><key><id>1</id></key></Delete{}>")),
    ("a list by SOAP", "POST", "/soap/v1", XML, soap("<List{}s/>")),
]

PLACES = [("field", FIELDS, AT_FIELDS), ("type", TYPES, AT_TYPES), ("operation", OPERATIONS, AT_OPERATIONS), ("relation", RELATIONS, AT_RELATIONS)]
