//! Rules with mistakes, and what their author reads.

use crate::schema::{compile, file};

/// The mistakes of a rule on `Post`: code, underlined text, message, hint.
fn told(directives: &str, fields: &str) -> Vec<String> {
    let text = file(directives, fields);
    let (_, diagnostics, _) = compile(&text);
    let line = |d: &bistro_problem::Diagnostic| {
        let place = &text[d.span.0 as usize..d.span.1 as usize];
        format!("{} [{place}] {} | {}", d.code, d.message, d.hint.as_deref().unwrap_or("-"))
    };
    diagnostics.iter().map(line).collect()
}

fn check(cases: &[(&str, &[&str])], make: impl Fn(&str) -> (String, String)) {
    let mut wrong = String::new();
    for (rule, want) in cases {
        let (directives, fields) = make(rule);
        let has = told(&directives, &fields);
        if *want != has.as_slice() {
            wrong += &format!("        ({rule:?}, &{has:?}),\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn read(rule: &str) -> (String, String) {
    (format!("@allow(to: [READ], when: \"{rule}\")"), String::new())
}

#[test]
fn names() {
    check(
        &[
            ("row.titel == 'x'", &["BIS-243 [titel] Post has no field `titel` | did you mean `title`?"]),
            ("title == 'x'", &["BIS-243 [title] there is no `title` here | did you mean `row.title`?"]),
            (
                "rwo.title == 'x'",
                &["BIS-243 [rwo] there is no `rwo` here | there are row, auth, request, now"],
            ),
            ("row.team.nam == 'x'", &["BIS-243 [nam] Team has no field `nam` | did you mean `name`?"]),
            (
                "row.team.members.exists(m, m.usr == auth.id && m.lvl > 2)",
                &[
                    "BIS-243 [usr] Member has no field `usr` | did you mean `user`?",
                    "BIS-243 [lvl] Member has no field `lvl` | it has id, team_id, user_id, level, team, user",
                ],
            ),
            (
                "auth.uid == row.author",
                &["BIS-243 [uid] `auth` has no member `uid` | did you mean `auth.id`?"],
            ),
            (
                "request.header == 'x'",
                &["BIS-243 [header] `request` has no member `header` | did you mean `request.headers`?"],
            ),
            ("m.user == auth.id", &["BIS-243 [m] there is no `m` here | there are row, auth, request, now"]),
            ("row.title.name == 'x'", &["BIS-243 [name] a String has no member `name` | -"]),
            (
                "new.title == 'x'",
                &[
                    "BIS-247 [new] a rule for READ does not have `new` | use `row`, or split the @allow by action",
                ],
            ),
            (
                "row.comments.body == 'x'",
                &[
                    "BIS-244 [body] `body` is a field of each row, and there are many | say which: `.exists(m, m.body …)` or `.all(m, m.body …)`",
                ],
            ),
        ],
        read,
    );
}

#[test]
fn types() {
    check(
        &[
            (
                "row.title == row.views",
                &["BIS-244 [row.title == row.views] a String cannot be compared with an Int | -"],
            ),
            ("row.title == 5", &["BIS-244 [5] the Int 5 cannot be compared with a String | -"]),
            ("row.views == '5'", &["BIS-244 ['5'] the String '5' cannot be compared with an Int | -"]),
            ("row.views == 1.5", &["BIS-244 [1.5] the Float 1.5 cannot be compared with an Int | -"]),
            (
                "row.price == 1.999",
                &["BIS-245 [1.999] 1.999 has more than the 2 digits that the field has after the point | -"],
            ),
            (
                "row.title == auth.id",
                &[
                    "BIS-244 [row.title == auth.id] a String cannot be compared with an ID | `auth.claims.sub` is the subject as text",
                ],
            ),
            ("row.meta == 'x'", &["BIS-244 ['x'] the String 'x' cannot be compared with a JSON | -"]),
            (
                "row.status > 'draft'",
                &[
                    "BIS-244 [row.status > 'draft'] a Status is neither less nor greater than another | list the values: `in ['a', 'b']`",
                ],
            ),
            (
                "row.status == 'publshed'",
                &[
                    "BIS-245 ['publshed'] invalid input value for enum Status: \"publshed\" | did you mean 'published'?",
                ],
            ),
            ("row.id == 'abc'", &["BIS-245 ['abc'] invalid input syntax for type uuid: \"abc\" | -"]),
            (
                "row.created_at > 'yesterday'",
                &[
                    "BIS-245 ['yesterday'] invalid input syntax for type timestamp with time zone: \"yesterday\" | -",
                ],
            ),
            (
                "row.views > 5000000000",
                &["BIS-245 [5000000000] value \"5000000000\" is out of range for type integer | -"],
            ),
            ("row.email == 'bob'", &["BIS-245 ['bob'] invalid input syntax for type email: \"bob\" | -"]),
            (
                "row.title",
                &["BIS-249 [row.title] a condition is wanted here, not a String | compare it with something"],
            ),
            (
                "row.comments",
                &[
                    "BIS-249 [row.comments] a condition is wanted here, not rows of Comment | ask whether there is one: `.exists(m, true)`",
                ],
            ),
            (
                "row.team",
                &[
                    "BIS-249 [row.team] a condition is wanted here, not a row of Team | compare it: `!= null`, or with `auth.id`",
                ],
            ),
            (
                "row.title && row.views",
                &[
                    "BIS-249 [row.title] a condition is wanted here, not a String | compare it with something",
                    "BIS-249 [row.views] a condition is wanted here, not an Int | compare it with something",
                ],
            ),
            (
                "!row.title",
                &["BIS-249 [row.title] a condition is wanted here, not a String | compare it with something"],
            ),
            (
                "row.title > null",
                &[
                    "BIS-244 [row.title > null] null is neither less nor greater than anything | use `== null` or `!= null`",
                ],
            ),
            ("null == null", &["BIS-244 [null == null] null is compared with null | -"]),
            (
                "row.comments == null",
                &[
                    "BIS-244 [row.comments] rows of Comment is never null | ask whether there is one: `.exists(m, true)`",
                ],
            ),
            (
                "row.title + 1 == 'x'",
                &["BIS-244 [row.title + 1] there is no arithmetic of a String and an Int | -"],
            ),
            ("row.price % 2 == 0", &["BIS-244 [row.price % 2] `%` is for whole numbers | -"]),
            (
                "now - row.created_at < duration('1h')",
                &[
                    "BIS-244 [now - row.created_at] there is no arithmetic of a DateTime and a DateTime | compare the instants: `row.at > now - duration('24h')`",
                ],
            ),
            (
                "row.views + duration('1h') > now",
                &[
                    "BIS-244 [row.views] a duration cannot be added to an Int | a duration is added to a DateTime",
                ],
            ),
            (
                "row.views in 'abc'",
                &[
                    "BIS-244 ['abc'] `in` takes a list, not the String 'abc' | a list is `['a', 'b']`, `auth.roles`, a list field, or `row.members.map(m, m.user)`",
                ],
            ),
            ("row.views in ['a']", &["BIS-244 ['a'] the String 'a' cannot be compared with an Int | -"]),
            ("row.views in row.labels", &["BIS-244 [row.views] an Int cannot be in a list of String | -"]),
            (
                "size(row.comments) > 3",
                &[
                    "BIS-244 [row.comments] `size` takes a text or a list field, not rows of Comment | ask whether there is one: `.exists(m, …)`",
                ],
            ),
            (
                "size(row.views) > 3",
                &["BIS-244 [row.views] `size` takes a text or a list field, not an Int | -"],
            ),
            ("row.views.startsWith('x')", &["BIS-244 [row.views] a String is wanted here, not an Int | -"]),
            (
                "row.title.exists(x, x == 'a')",
                &[
                    "BIS-244 [row.title] this goes through the rows of a relation to many, not a String | start from a list relation: `row.comments.exists(c, …)`",
                ],
            ),
            (
                "row.labels.exists(x, x == 'a')",
                &[
                    "BIS-244 [row.labels] this goes through the rows of a relation to many, not a list of String | ask with `in`: `'a' in row.list`",
                ],
            ),
            (
                "'edtor' in auth.roles",
                &["BIS-245 ['edtor'] there is no role 'edtor' | did you mean 'editor'?"],
            ),
            (
                "auth.role == 'editor'",
                &[
                    "BIS-245 ['editor'] `auth.role` is never 'editor' | roles of the schema are in `auth.roles`: 'editor' in auth.roles",
                ],
            ),
            (
                "auth == 'x'",
                &[
                    "BIS-244 [auth] a value is wanted here, not the object `auth` | `auth` has id, role, roles, email, aal and claims",
                ],
            ),
        ],
        read,
    );
}

#[test]
fn what_rules_do_not_have() {
    check(
        &[
            (
                "row.comments.exists_one(c, true)",
                &[
                    "BIS-246 [exists_one] rules do not have `exists_one` | use `.exists(m, …)`, or make the fields unique so that there is at most one",
                ],
            ),
            (
                "row.comments.filter(c, true)",
                &["BIS-246 [filter] rules do not have `filter` | put the condition into `.exists(m, …)`"],
            ),
            (
                "row.labels[0] == 'x'",
                &[
                    "BIS-246 [0] rules do not have `[…]` here | only `request.headers['name']` and `auth.claims['name']` have it",
                ],
            ),
            (
                "{'a': 1} == row.meta",
                &[
                    "BIS-246 [{] rules do not have maps `{…}` | rules have literals, lists, comparisons, paths and the functions of the reference",
                ],
            ),
            (
                "row.title.reverse() == 'x'",
                &[
                    "BIS-246 [reverse] rules do not have the function `reverse` | there are startsWith, endsWith, contains, matches, size, lowerAscii, upperAscii, trim, exists, all, map, duration, timestamp, date",
                ],
            ),
            (
                "startsWith(row.title, 'x')",
                &[
                    "BIS-246 [startsWith(row.title, 'x')] `startsWith` is not called like this | write `row.title.startsWith('…')`",
                ],
            ),
            (
                "row.title.startsWith(row.body)",
                &[
                    "BIS-246 [row.body] `startsWith` takes a constant text | write the text itself: `startsWith('…')`",
                ],
            ),
            (
                "row.title.matches('(?=x)')",
                &[
                    "BIS-245 ['(?=x)'] the regular expression cannot be used: look-around, including look-ahead and look-behind, is not supported | use a regular expression of at most 256 bytes without look-around and back-references",
                ],
            ),
            (
                "int(row.title) == 1",
                &[
                    "BIS-246 [int] rules do not have the function `int` | there are startsWith, endsWith, contains, matches, size, lowerAscii, upperAscii, trim, exists, all, map, duration, timestamp, date",
                ],
            ),
            (
                "duration('1d') == duration('24h')",
                &[
                    "BIS-245 ['1d'] '1d' is not a duration | write it like '24h', '90m' or '1h30m'; units are h, m, s, ms, us",
                ],
            ),
            (
                "b'x' == row.title",
                &[
                    "BIS-246 [b'x'] rules do not have byte strings `b'…'` | rules have literals, lists, comparisons, paths and the functions of the reference",
                ],
            ),
            (
                "row.title == 'x' &&",
                &["BIS-241 [] the rule is not CEL: mismatched input 'the end' expecting expression | -"],
            ),
            (
                "row.title = 'x'",
                &["BIS-241 [=] the rule is not CEL: mismatched input '=' expecting the end | -"],
            ),
            ("(row.title == 'x'", &["BIS-241 [] the rule is not CEL: expected ')' | -"]),
        ],
        read,
    );
}

#[test]
fn rows_that_are_not_there() {
    let of = |rule: &str| {
        let (action, rule) = rule.split_once(' ').unwrap();
        (format!("@allow(to: [{action}], when: \"{rule}\")"), String::new())
    };
    check(
        &[
            (
                "CREATE row.author == auth.id",
                &[
                    "BIS-247 [row] a rule for CREATE does not have `row` | use `new`, or split the @allow by action",
                ],
            ),
            (
                "DELETE new.author == auth.id",
                &[
                    "BIS-247 [new] a rule for DELETE does not have `new` | use `row`, or split the @allow by action",
                ],
            ),
            (
                "CREATE,UPDATE row.author == auth.id",
                &[
                    "BIS-247 [row] a rule for CREATE does not have `row` | use `new`, or split the @allow by action",
                ],
            ),
            (
                "READ,UPDATE new.author == auth.id",
                &[
                    "BIS-247 [new] a rule for READ does not have `new` | use `row`, or split the @allow by action",
                ],
            ),
            (
                "UPDATE new.author == auth.id",
                &[
                    "BIS-250 [\"new.author == auth.id\"] this UPDATE rule looks at `new` alone, so it lets callers change any row that they can read | add what must hold of the stored `row`",
                ],
            ),
            ("UPDATE row.author == auth.id && new.author == auth.id", &[]),
            (
                "CREATE,UPDATE new.author == auth.id && true",
                &[
                    "BIS-250 [\"new.author == auth.id && true\"] this UPDATE rule looks at `new` alone, so it lets callers change any row that they can read | add what must hold of the stored `row`",
                ],
            ),
        ],
        of,
    );
}

#[test]
fn checks_computed_fields_and_defaults() {
    let check_of = |rule: &str| (format!("@check(expr: \"{rule}\")"), String::new());
    check(
        &[
            ("row.views > 1", &["BIS-247 [row] a check does not have `row` | use `new`"]),
            (
                "new.author == auth.id",
                &[
                    "BIS-243 [auth] a check does not have `auth`: a row keeps it whoever writes | put conditions on the caller into @allow",
                ],
            ),
            (
                "new.author.name == 'x'",
                &[
                    "BIS-246 [name] a check cannot follow a relation to other rows | a check looks at the row's own fields; put the condition into @allow",
                ],
            ),
            (
                "new.comments.exists(c, true)",
                &[
                    "BIS-246 [comments] a check cannot follow `comments` to other rows | a check looks at the row's own fields; put the condition into @allow",
                ],
            ),
            (
                "new.views",
                &["BIS-249 [new.views] a condition is wanted here, not an Int | compare it with something"],
            ),
        ],
        check_of,
    );
    check(
        &[
            (
                "a: String @computed(expr: \"row.b\") b: String @computed(expr: \"row.a\")",
                &["BIS-248 [a] the computed field `a` depends on itself | compute it from stored fields"],
            ),
            (
                "a: Int @computed(expr: \"row.title\")",
                &["BIS-249 [row.title] the field is an Int, but this is a String | -"],
            ),
            (
                "a: String @computed(expr: \"new.title\")",
                &["BIS-247 [new] a computed field does not have `new` | use `row`"],
            ),
            (
                "a: Int @default(expr: \"auth.id\")",
                &["BIS-249 [auth.id] the field is an Int, but this is an ID | -"],
            ),
            (
                "a: String @default(expr: \"row.title\")",
                &[
                    "BIS-247 [row] a default does not have `row` | a default is a constant, `now`, or one value of `auth` or `request`",
                ],
            ),
            (
                "a: Int @default(expr: \"1 + 1\")",
                &[
                    "BIS-249 [1 + 1] a default cannot be calculated | a default is a constant, `now`, or one value of `auth` or `request`",
                ],
            ),
            (
                "a: Status @default(expr: \"'nope'\")",
                &["BIS-245 ['nope'] invalid input value for enum Status: \"nope\" | it has draft, published"],
            ),
        ],
        |fields| (String::new(), fields.to_owned()),
    );
}

#[test]
fn limits() {
    let deep = |n: usize| format!("{}row.pinned{}", "!(".repeat(n), ")".repeat(n));
    let sum = |n: usize| format!("row.views{} > 1", " + 1".repeat(n));
    let many = |n: usize| vec!["row.pinned"; n].join(" || ");
    let codes = |rule: &str| {
        let (_, diagnostics, _) = compile(&file(&format!("@allow(to: [READ], when: \"{rule}\")"), ""));
        diagnostics.iter().map(|d| d.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&deep(20)), Vec::<&str>::new());
    assert_eq!(codes(&deep(40)), ["BIS-242"]);
    assert_eq!(codes(&deep(1_000)), ["BIS-242"]);
    // Brackets alone leave nothing in the tree.
    assert_eq!(codes(&format!("{}row.pinned{}", "(".repeat(1_900), ")".repeat(1_900))), Vec::<&str>::new());
    assert_eq!(codes(&sum(20)), Vec::<&str>::new());
    assert_eq!(codes(&sum(900)), ["BIS-242"]);
    assert_eq!(codes(&many(200)), Vec::<&str>::new());
    // Each doubles the one before it: 2^12 parts.
    let doubled = |n: usize| format!("c{n}: String @computed(expr: \"row.c{} + row.c{}\")", n - 1, n - 1);
    let fields: Vec<String> = (1..=12).map(doubled).collect();
    let fields = format!("c0: String @computed(expr: \"row.title\") {}", fields.join(" "));
    let (_, diagnostics, _) = compile(&file("", &fields));
    assert!(!diagnostics.is_empty() && diagnostics.iter().all(|d| d.code == "BIS-248"), "{diagnostics:#?}");
}

#[test]
fn where_the_literal_is_not_the_text_the_label_repeats_the_place() {
    let rule = "\"\"\"\n    row.pinned\n      && row.titel == 'x'\n  \"\"\"";
    let (_, diagnostics, _) = compile(&file(&format!("@allow(to: [READ], when: {rule})"), ""));
    let told: Vec<_> = diagnostics.iter().map(|d| (d.code, d.label.as_str())).collect();
    assert_eq!(told, [("BIS-243", "at `titel`")]);
}
