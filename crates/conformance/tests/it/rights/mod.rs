//! Role × type × field × position, in the words of every surface: what a caller may not mention is refused like what is not there,
//! and what it may carries its conditions.
//!
//! The schema is that of the same exam of the middle (`crates/policy/tests/it/matrix.rs`). Its names say what is expected: types
//! and fields called `open`, `own` (on a condition), `editors` (a role's), `hidden` and `closed` (nobody's).

mod phrases;

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_graphql::GraphQl;
use bistro_ir::{Body, Item, Operation, Read, Write, text};
use bistro_policy::{AuthorizedBody, authorize};
use bistro_schema::Roles;
use bistro_schema::names::plural;
use bistro_soap::Described;

use self::phrases::{Does, PHRASES, Phrase};
use crate::surfaces::{engine, rest};

const FILE: &str = include_str!("../../../../policy/tests/it/matrix.graphql");

/// What the rule of a type, and of a field, becomes: each is found again in the text of what is authorised.
const TYPE_RULE: &str = "owner_id = auth.id";
const FIELD_RULE: &str = "keeper_id = auth.id";

/// What nobody has.
const UNKNOWN: &str = "zzzzzz";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surface {
    Rest,
    Graphql,
    Soap,
}

impl Surface {
    fn words(self, phrase: &Phrase) -> &'static str {
        match self {
            Self::Rest => phrase.rest,
            Self::Graphql => phrase.graphql,
            Self::Soap => phrase.soap,
        }
    }
}

/// The surfaces of one engine.
struct Seat {
    engine: Arc<Engine>,
    graphql: GraphQl,
}

impl Seat {
    fn new() -> Self {
        let engine = engine(FILE);
        let graphql = GraphQl::new(Arc::clone(&engine), bistro_graphql::Options::of(engine.options()));
        Self { engine, graphql }
    }

    /// What a request asks. Errors: the refusal, without the names that the request brought.
    fn ask(&self, surface: Surface, roles: Roles, request: &str) -> Result<Vec<Operation>, String> {
        match surface {
            Surface::Rest => {
                rest(&self.engine, roles, request).map(|o| vec![o]).map_err(|e| format!("{:?}", e.code))
            }
            Surface::Graphql => self.graphql.operations(roles, request, "", None).map_err(|e| said(&e)),
            Surface::Soap => {
                let envelope = format!(
                    "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>{}</Body></Envelope>",
                    in_namespace(request)
                );
                let steps = Described::of(&self.engine, roles).usual_steps(&envelope);
                let operations = steps.map(|steps| steps.into_iter().map(|step| step.operation).collect());
                operations.map_err(|e| format!("{:?}", e.code))
            }
        }
    }

    /// All that is authorised for a request, as text.
    fn authorized(
        &self,
        surface: Surface,
        roles: Roles,
        request: &str,
        keep: impl Fn(&mut Operation) -> Result<(), String>,
    ) -> Result<String, String> {
        let schema = self.engine.schema();
        let mut shown = String::new();
        for mut operation in self.ask(surface, roles, request)? {
            keep(&mut operation)?;
            let made = authorize(self.engine.rules(), roles, &operation);
            let body = match made.map_err(|e| format!("compiled, then refused: {e}"))?.body() {
                AuthorizedBody::Read(read) => Body::Read(read.clone()),
                AuthorizedBody::Write(write) => {
                    for rule in [&write.create, &write.update_row, &write.update_new] {
                        shown += &text::expr(schema, write.ty, rule);
                    }
                    let (action, returning) = (write.action.clone(), write.returning.clone());
                    Body::Write(Write { ty: write.ty, action, returning })
                }
            };
            shown += &text::operation(schema, &Operation { body, params: vec![] });
        }
        Ok(shown)
    }
}

/// What a message of GraphQL says, without its place, the names in it, and the hint, which looks for names that are like those.
fn said(line: &str) -> String {
    let message = line.split_once(": ").map_or(line, |(_, message)| message);
    message.split(" (Perhaps").next().unwrap_or_default().split('"').step_by(2).collect::<Vec<_>>().join("…")
}

/// An element in the namespace of the service.
fn in_namespace(element: &str) -> String {
    let end = element.find(['>', '/']).unwrap_or(element.len());
    let (name, rest) = element.split_at(end);
    format!("{name} xmlns=\"{}\"{rest}", bistro_soap::names::NAMESPACE)
}

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
struct Ask {
    surface: Surface,
    roles: Roles,
    of: &'static str,
    name: &'static str,
}

impl Ask {
    fn passes(self) -> bool {
        self.roles.passes_rules()
    }

    fn is_editor(self) -> bool {
        self.passes() || self.roles.meets(Roles::declared(0))
    }

    fn sees_type(self) -> bool {
        self.passes() || matches!(self.of, "open" | "own") || (self.of == "editors" && self.is_editor())
    }

    fn sees_field(self, does: Does) -> bool {
        match self.name {
            // A hidden field is written by the project itself, and read by nobody.
            "hidden" => does == Does::Writes && self.passes(),
            "editors" => self.is_editor(),
            _ => true,
        }
    }

    /// The request of a phrase.
    fn request(self, phrase: &Phrase) -> String {
        let types = plural(self.of);
        let words = [
            ("{Types}", &*capital(&types)),
            ("{Type}", &*capital(self.of)),
            ("{types}", &*types),
            ("{type}", self.of),
            ("{way}", self.of),
            ("{name}", self.name),
            ("{id}", "01000000-0000-7000-8000-000000000001"),
        ];
        let text = self.surface.words(phrase).to_owned();
        words.into_iter().fold(text, |text, (gap, word)| text.replace(gap, word))
    }

    /// What is authorised of it. SOAP answers whole rows: only what the phrase is about is looked at.
    fn made(self, seat: &Seat, phrase: &Phrase) -> Result<String, String> {
        seat.authorized(self.surface, self.roles, &self.request(phrase), |operation| {
            if self.surface != Surface::Soap {
                return Ok(());
            }
            let rows = match &mut operation.body {
                Body::Read(read) => Some(read),
                Body::Write(write) => write.returning.as_mut(),
            };
            let wanted = (phrase.does == Does::Answers).then_some(self.name);
            let left = rows.is_some_and(|rows| narrow(rows, wanted));
            if wanted.is_none() || left { Ok(()) } else { Err("not in the answer".to_owned()) }
        })
    }

    fn check(self, seat: &Seat, phrase: &Phrase) -> Result<(), String> {
        let made = self.made(seat, phrase);
        let (ty, field) = (self.sees_type(), self.sees_field(phrase.does));
        if !ty || !field {
            let unknown = if ty { Ask { name: UNKNOWN, ..self } } else { Ask { of: UNKNOWN, ..self } };
            let unknown = unknown.made(seat, phrase);
            return match made.is_err() && made == unknown {
                true => Ok(()),
                false => Err(format!("is answered {made:?}\nwhat nobody has {unknown:?}")),
            };
        }
        let text = made.map_err(|e| format!("is refused: {e}"))?;
        let reads = phrase.does != Does::Writes;
        let guards = [
            (TYPE_RULE, self.of == "own" && !self.passes()),
            (FIELD_RULE, self.name == "own" && reads && !self.passes()),
        ];
        for (rule, wanted) in guards {
            if text.contains(rule) != wanted {
                return Err(format!(
                    "`{rule}` is {} in\n{text}",
                    if wanted { "missing" } else { "too much" }
                ));
            }
        }
        Ok(())
    }
}

/// Leaves one field of the rows and of related rows, or none; whether any is left.
fn narrow(rows: &mut Read, wanted: Option<&str>) -> bool {
    rows.select.retain_mut(|item| match item {
        Item::Value { key, .. } => wanted == Some(&**key),
        Item::Embed(embed) => narrow(&mut embed.read, wanted),
        _ => false,
    });
    !rows.select.is_empty()
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[test]
fn every_name_at_every_position_of_every_surface_is_judged() {
    let seat = Seat::new();
    let editor = Roles::AUTHENTICATED.with(Roles::declared(0));
    let (mut wrong, mut judged) = (Vec::new(), [0; 3]);
    for surface in [Surface::Rest, Surface::Graphql, Surface::Soap] {
        for roles in [Roles::ANON, Roles::AUTHENTICATED, editor, Roles::ADMIN, Roles::SERVICE] {
            for of in ["open", "own", "editors", "closed"] {
                for name in ["open", "own", "editors", "hidden"] {
                    for phrase in PHRASES.iter().filter(|phrase| !surface.words(phrase).is_empty()) {
                        judged[surface as usize] += 1;
                        let ask = Ask { surface, roles, of, name };
                        let verdict = ask.check(&seat, phrase);
                        wrong.extend(verdict.err().map(|why| {
                            format!("{ask:?} {}: {}\n{why}", phrase.position, ask.request(phrase))
                        }));
                    }
                }
            }
        }
    }
    assert!(judged.iter().all(|judged| *judged > 1_000), "{judged:?}");
    assert!(wrong.is_empty(), "{} of {judged:?} wrong\n{}", wrong.len(), wrong.join("\n"));
}
