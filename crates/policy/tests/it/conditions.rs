//! Rule texts and what they become.

use bistro_ir::{Action, Body, Expr, Operation, Read, Write, text};
use bistro_policy::{AuthorizedBody, authorize};
use bistro_schema::{Roles, TypeId};

use crate::schema::{field, file, sound, ty};

/// The one rule of `Post` for an action, as the condition that it puts into an operation.
fn condition(action: &str, rule: &str) -> String {
    let (rules, schema) =
        sound(&file(&format!(r#"@allow(to: [READ]) @allow(to: [{action}], when: """{rule}""")"#), ""));
    let post = ty(&schema, "Post");
    let body = match action {
        "READ" => unreachable!("READ has its own"),
        "CREATE" => Body::Write(write(post, Action::Insert { columns: vec![], conflict: None })),
        _ => Body::Write(write(post, Action::Delete { filter: Expr::TRUE })),
    };
    let made = authorize(&rules, Roles::ANON, &Operation { body, params: vec![] }).unwrap();
    let AuthorizedBody::Write(made) = made.body() else { unreachable!() };
    match &made.action {
        Action::Delete { filter } => text::expr(&schema, post, filter),
        _ => text::expr(&schema, post, &made.create),
    }
}

fn write(ty: TypeId, action: Action) -> Write {
    Write { ty, action, returning: None }
}

fn check(action: &str, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(rule, want)| (rule, want, condition(action, rule)))
        .filter(|(_, want, has)| *want != has)
        .map(|(rule, want, has)| format!("        ({rule:?}, {has:?}),\n    wanted {want}\n"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join(""));
}

#[test]
fn comparisons_take_the_type_of_the_typed_side() {
    check(
        "DELETE",
        &[
            ("row.author == auth.id", "author_id = auth.id"),
            ("row.author_id != auth.id", "author_id <> auth.id"),
            ("auth.id == row.author.id", "auth.id = author_id"),
            ("row.status == 'published'", "status = \"published\""),
            ("row.created_at > '2024-01-01'", "created_at > \"2024-01-01T00:00:00+00:00\""),
            ("row.views >= 10 && row.price < 9.5", "(views >= 10 and price < 9.50)"),
            ("row.rating > 1", "rating > 1"),
            ("row.pinned", "pinned"),
            ("!row.pinned || row.pinned == false", "(not pinned or pinned = false)"),
            ("row.views > -5", "views > -5"),
            ("row.created_at > now - duration('24h')", "created_at > addmicros(now, -86400000000)"),
            (
                "row.created_at < timestamp('2024-01-01T00:00:00Z') || row.day == date('2024-02-29')",
                "(created_at < \"2024-01-01T00:00:00+00:00\" or day = \"2024-02-29\")",
            ),
            ("row.views * 2 + 1 > row.views % 3", "add(multiply(views, 2), 1) > remainder(views, 3)"),
            ("row.title + '!' == row.body", "concat(title, \"!\") = body"),
            (
                "row.pinned ? row.views > 1 : row.views > 2",
                "choose(pinned, truth(views > 1), truth(views > 2))",
            ),
            ("row.views == (row.pinned ? 1 : 2)", "views = choose(pinned, 1, 2)"),
            ("true", "true"),
            ("row.views > 1 ? true : false", "choose(views > 1, truth(true), truth(false))"),
        ],
    );
}

#[test]
fn only_the_literal_null_tests_for_null() {
    check(
        "DELETE",
        &[
            ("row.team == null", "team_id is null"),
            ("null != row.team.name", "not team.name is null"),
            ("row.author == null && auth.id == null", "(author_id is null and auth.id is null)"),
            (
                "has(auth.claims.org) && !has(row.meta)",
                "(not auth.claims.org is null and not not meta is null)",
            ),
        ],
    );
}

#[test]
fn paths_follow_relations() {
    check(
        "DELETE",
        &[
            ("row.team.name == 'core'", "team.name = \"core\""),
            ("row.team.members.exists(m, m.user == auth.id)", "some team.members (user_id = auth.id)"),
            (
                "row.comments.all(c, c.author == row.author)",
                "not some comments (not (author_id = ^author_id is true))",
            ),
            (
                "row.tags.exists(t, t.posts.exists(p, p.author == row.author && t.name == p.title))",
                "some tags (some posts ((author_id = ^^author_id and ^name = title)))",
            ),
            ("auth.id in row.team.members.map(m, m.user)", "some team.members (user_id = auth.id)"),
            ("row.author in row.team.members.map(m, m.user.id)", "some team.members (user_id = ^author_id)"),
            ("row.comments.author.exists(a, a.name == 'x')", "some comments.author (name = \"x\")"),
            ("row.author.memberships.exists(row, row.level > 3)", "some author.memberships (level > 3)"),
            (
                "row.team in row.author.memberships.map(m, m.team)",
                "some author.memberships (team_id = ^team_id)",
            ),
        ],
    );
}

#[test]
fn lists_texts_and_the_caller() {
    check(
        "DELETE",
        &[
            ("row.status in ['draft', 'published']", "status in [\"draft\",\"published\"]"),
            ("row.views in []", "false"),
            ("row.author in [auth.id, row.team.id]", "(author_id = auth.id or author_id = team_id)"),
            ("'a' in row.labels || size(row.labels) > 3", "(\"a\" in labels or size(labels) > 3)"),
            (
                "'editor' in auth.roles && auth.role == 'authenticated'",
                "(\"editor\" in auth.roles and auth.role = \"authenticated\")",
            ),
            (
                "row.title.startsWith('50%_') || row.title.endsWith('x') || row.title.contains('y')",
                "(title like \"50\\\\%\\\\_%\" or title like \"%x\" or title like \"%y%\")",
            ),
            (
                "row.title.matches('^[a-z]+$') && row.title.lowerAscii() == 'a'",
                "(title match \"^[a-z]+$\" and lower(title) = \"a\")",
            ),
            ("size(row.title) > 3 && row.title.size() < 9", "(size(title) > 3 and size(title) < 9)"),
            (
                "row.team.name == auth.claims.org.name && auth.claims.level >= 3",
                "(team.name = auth.claims.org.name and auth.claims.level >= 3)",
            ),
            (
                "row.views in auth.claims.seen && auth.claims.plan in ['a', 'b']",
                "(views in auth.claims.seen and auth.claims.plan in [\"a\",\"b\"])",
            ),
            (
                "request.ip == '::1' && request.headers['X-Team'] == row.team.name",
                "(request.ip = \"::1\" and request.headers[\"x-team\"] = team.name)",
            ),
            ("row.email == auth.email && auth.aal == 'aal2'", "(email = auth.email and auth.aal = \"aal2\")"),
        ],
    );
}

#[test]
fn create_rules_speak_of_the_new_row() {
    check(
        "CREATE",
        &[
            ("new.author == auth.id", "new.author_id = auth.id"),
            (
                "new.team.members.exists(m, m.user == new.author && m.level > new.views)",
                "some new.team.members ((user_id = new.author_id and level > new.views))",
            ),
            ("new.team.name == 'x'", "new.team.name = \"x\""),
        ],
    );
}

/// The update rules of `Post`: what the stored row must meet, and what both rows must.
fn update(directives: &str) -> (String, String) {
    let (rules, schema) = sound(&file(&format!("@allow(to: [READ]) {directives}"), ""));
    let post = ty(&schema, "Post");
    let columns = vec![field(&schema, post, "title")];
    let body = Body::Write(write(post, Action::Update { filter: Expr::TRUE, columns }));
    let made = authorize(&rules, Roles::AUTHENTICATED, &Operation { body, params: vec![] }).unwrap();
    let AuthorizedBody::Write(made) = made.body() else { unreachable!() };
    let Action::Update { filter, .. } = &made.action else { unreachable!() };
    (text::expr(&schema, post, filter), text::expr(&schema, post, &made.update_new))
}

#[test]
fn an_update_is_judged_on_both_rows() {
    let owner = r#"@allow(to: [UPDATE], when: "row.author == auth.id")"#;
    let both = r#"@allow(to: [UPDATE], when: "row.views < 5 && new.views > row.views")"#;
    let cases = [
        (owner.to_owned(), "author_id = auth.id", "new.author_id = auth.id"),
        (both.to_owned(), "views < 5", "(views < 5 and new.views > views)"),
        (
            format!("{owner} {both}"),
            "(author_id = auth.id or views < 5)",
            "((author_id = auth.id and new.author_id = auth.id) or (views < 5 and new.views > views))",
        ),
        ("@allow(to: [UPDATE])".to_owned(), "true", "true"),
        (format!("{owner} @allow(to: [UPDATE])"), "true", "true"),
        (
            format!(r#"{owner} @allow(to: [UPDATE], roles: ["editor"])"#),
            "author_id = auth.id",
            "new.author_id = auth.id",
        ),
    ];
    for (directives, row, new) in cases {
        let has = update(&directives);
        assert_eq!((row, new), (has.0.as_str(), has.1.as_str()), "{directives}");
    }
}

#[test]
fn computed_fields_defaults_and_checks_are_compiled() {
    let fields = r#"
      shout: String @computed(expr: "row.title + '!'")
      louder: String @computed(expr: "row.shout + '!'")
      mine: Boolean @computed(expr: "row.author == auth.id")
      owner: ID @default(expr: "auth.id")
      seen_at: DateTime @default(expr: "now")
      tenant: String @default(expr: "auth.claims.tenant")
    "#;
    let directives = r#"
      @allow(to: [READ], when: "row.louder == 'a!!' && row.comments.exists(c, c.post.shout == row.louder)")
      @check(expr: "new.views >= 0 && new.author != null", message: "no")
    "#;
    let (rules, schema) = sound(&file(directives, fields));
    let post = ty(&schema, "Post");
    let read = Read {
        ty: post,
        select: vec![],
        filter: Expr::TRUE,
        order: vec![],
        limit: None,
        offset: None,
        total: false,
    };
    let made = authorize(&rules, Roles::ANON, &Operation { body: Body::Read(read), params: vec![] }).unwrap();
    let AuthorizedBody::Read(read) = made.body() else { unreachable!() };
    let shout = "concat(title, \"!\")";
    let louder = "concat(concat(title, \"!\"), \"!\")";
    let outer = louder.replace("title", "^title");
    let want = format!("({louder} = \"a!!\" and some comments (post.{shout} = {outer}))");
    assert_eq!(text::expr(&schema, post, &read.filter), want);
    let kept = text::expr(&schema, post, &rules.checks(post)[0].condition);
    assert_eq!(kept, "(new.views >= 0 and not new.author_id is null)");
    let default = |name| format!("{:?}", rules.default(post, field(&schema, post, name)).unwrap());
    assert_eq!(default("owner"), "Auth(Id, Scalar { kind: Id, list: false })");
    assert_eq!(default("seen_at"), "Now");
    assert_eq!(default("tenant"), "Auth(Claim([\"tenant\"]), Scalar { kind: String, list: false })");
    assert!(rules.computed(post, field(&schema, post, "mine")).is_some());
    assert!(rules.computed(post, field(&schema, post, "title")).is_none());
}
