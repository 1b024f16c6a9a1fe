//! How each surface mentions a name at a position.
//!
//! `{Type}`, `{Types}`, `{type}` and `{types}` are the type, `{way}` is the relation of `Hub` that leads to it, `{name}` the field,
//! `{id}` a key.
//! What a surface has no words for is empty.

/// One position of a name, in the words of each surface.
pub(crate) struct Phrase {
    pub(crate) position: &'static str,
    pub(crate) does: Does,
    pub(crate) rest: &'static str,
    pub(crate) graphql: &'static str,
    pub(crate) soap: &'static str,
}

/// What is done with the field that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// It is answered.
    Answers,
    /// It decides on rows, or on their order.
    Reads,
    /// It gets a value.
    Writes,
}

const fn phrase(position: &'static str, does: Does, [rest, graphql, soap]: [&'static str; 3]) -> Phrase {
    Phrase { position, does, rest, graphql, soap }
}

/// All of them.
pub(crate) const PHRASES: [Phrase; 22] = [
    phrase(
        "select",
        Does::Answers,
        ["GET {types}?select={name}", "{ {types} { nodes { {name} } } }", "<List{Types}/>"],
    ),
    phrase(
        "one row",
        Does::Answers,
        ["GET {types}/{id}?select={name}", "{ {type}(id: \"{id}\") { {name} } }", GET],
    ),
    phrase(
        "filter",
        Does::Reads,
        [
            "GET {types}?select=id&{name}=eq.x",
            "{ {types}(filter: {{name}: {eq: \"x\"}}) { nodes { id } } }",
            "<Count{Types}><filter><{name}><eq>x</eq></{name}></filter></Count{Types}>",
        ],
    ),
    phrase(
        "negated filter",
        Does::Reads,
        [
            "GET {types}?select=id&not.or=(id.eq.{id},{name}.eq.x)",
            "{ {types}(filter: {not: {{name}: {eq: \"x\"}}}) { nodes { id } } }",
            "<Count{Types}><filter><not><{name}><eq>x</eq></{name}></not></filter></Count{Types}>",
        ],
    ),
    phrase(
        "filter of a list",
        Does::Reads,
        [
            "GET {types}?select=id&{name}=eq.x&limit=3",
            "{ {types}(first: 3, filter: {or: [{{name}: {eq: \"x\"}}]}) { totalCount } }",
            "<List{Types}><filter><or><{name}><eq>x</eq></{name}></or></filter><first>3</first></List{Types}>",
        ],
    ),
    phrase(
        "order",
        Does::Reads,
        [
            "GET {types}?select=id&order={name}.desc",
            "{ {types}(orderBy: [{{name}: DESC}]) { nodes { id } } }",
            "<List{Types}><orderBy><field>{name}</field><direction>DESC</direction></orderBy></List{Types}>",
        ],
    ),
    phrase(
        "aggregate",
        Does::Reads,
        ["GET {types}?select={name}.max()", "{ {types} { aggregate { max { {name} } } } }", ""],
    ),
    phrase(
        "group",
        Does::Reads,
        ["GET {types}?select={name},count()", "{ {types} { groups(by: [{name}]) { count } } }", ""],
    ),
    phrase("search", Does::Reads, ["GET {types}?select=id&{name}=wfts.x", "", ""]),
    phrase(
        "filter over a relation",
        Does::Reads,
        [
            "GET hubs?select=id,{way}!inner()&{way}.{name}=eq.x",
            "{ hubs(filter: {{way}: {{name}: {eq: \"x\"}}}) { nodes { id } } }",
            "<CountHubs><filter><{way}><{name}><eq>x</eq></{name}></{way}></filter></CountHubs>",
        ],
    ),
    phrase(
        "negated filter over a relation",
        Does::Reads,
        [
            "GET hubs?select=id,{way}()&{way}.{name}=eq.x&{way}=is.null",
            "{ hubs(filter: {not: {{way}: {{name}: {eq: \"x\"}}}}) { nodes { id } } }",
            "<CountHubs><filter><not><{way}><{name}><eq>x</eq></{name}></{way}></not></filter></CountHubs>",
        ],
    ),
    phrase(
        "order over a relation",
        Does::Reads,
        [
            "GET hubs?select=id,{way}()&order={way}({name})",
            "{ hubs(orderBy: [{{way}: {{name}: ASC}}]) { nodes { id } } }",
            "<ListHubs><orderBy><field>{way}.{name}</field></orderBy></ListHubs>",
        ],
    ),
    phrase(
        "embed",
        Does::Answers,
        [
            "GET hubs?select={way}({name})",
            "{ hubs { nodes { {way} { {name} } } } }",
            "<ListHubs><include>{way}</include></ListHubs>",
        ],
    ),
    phrase(
        "embed of one row",
        Does::Answers,
        [
            "GET hubs/{id}?select={way}({name})",
            "{ hub(id: \"{id}\") { {way} { {name} } } }",
            "<GetHub><key><id>{id}</id></key><include>{way}</include></GetHub>",
        ],
    ),
    phrase("filter of an embed", Does::Reads, ["GET hubs?select=id,{way}(id)&{way}.{name}=eq.x", "", ""]),
    phrase(
        "insert",
        Does::Writes,
        [
            "POST {types}\n\n{\"{name}\": \"x\"}",
            "mutation { create{Type}(input: {{name}: \"x\"}) { id } }",
            "<Create{Type}><input><{name}>x</{name}></input></Create{Type}>",
        ],
    ),
    phrase(
        "insert of several",
        Does::Writes,
        [
            "POST {types}\n\n[{\"{name}\": \"x\"}, {\"{name}\": \"y\"}]",
            "mutation { create{Types}(input: [{{name}: \"x\"}]) { count } }",
            "<Create{Types}><input><{name}>x</{name}></input><input><{name}>y</{name}></input></Create{Types}>",
        ],
    ),
    phrase(
        "returning",
        Does::Answers,
        [
            "POST {types}?select={name}\nPrefer: return=representation\n\n{\"open\": \"x\"}",
            "mutation { create{Type}(input: {open: \"x\"}) { {name} } }",
            "<Create{Type}><input><open>x</open></input></Create{Type}>",
        ],
    ),
    phrase(
        "update",
        Does::Writes,
        [
            "PATCH {types}?id=eq.{id}\n\n{\"{name}\": \"x\"}",
            "mutation { update{Type}(id: \"{id}\", set: {{name}: \"x\"}) { id } }",
            "<Update{Type}><key><id>{id}</id></key><set><{name}>x</{name}></set></Update{Type}>",
        ],
    ),
    phrase(
        "update to null",
        Does::Writes,
        [
            "PATCH {types}?id=eq.{id}\n\n{\"{name}\": null}",
            "mutation { update{Type}(id: \"{id}\", set: {{name}: null}) { id } }",
            "<Update{Type}><key><id>{id}</id></key><clear>{name}</clear></Update{Type}>",
        ],
    ),
    phrase(
        "filter of an update",
        Does::Reads,
        [
            "PATCH {types}?{name}=eq.x\n\n{\"open\": \"x\"}",
            "mutation { update{Types}(filter: {{name}: {eq: \"x\"}}, set: {open: \"x\"}) { count } }",
            "",
        ],
    ),
    phrase(
        "filter of a delete",
        Does::Reads,
        [
            "DELETE {types}?{name}=eq.x",
            "mutation { delete{Types}(filter: {{name}: {eq: \"x\"}}) { count } }",
            "",
        ],
    ),
];

const GET: &str = "<Get{Type}><key><id>{id}</id></key></Get{Type}>";
