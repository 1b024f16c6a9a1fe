//! Names and paths: variables, fields, relations, claims, headers.

use bistro_ir::{AuthValue, Expr, Operand, RequestValue, Root};
use bistro_schema::{FieldId, Kind, RelationId, RelationKind, Scalar, Type, names};

use super::value::{Val, Way};
use super::{Made, Purpose, Scope, Variable};
use crate::codes;
use crate::syntax::{Macro, Node, NodeKind, Place};

const TEXT: Scalar = Scalar::one(Kind::String);

/// How many names a hint lists.
const LISTED_MAX: usize = 20;

impl Scope<'_> {
    /// A name that stands alone.
    pub(super) fn ident(&mut self, name: &str, place: Place) -> Made<Val> {
        if let Some(found) = self.variables.iter().rev().find(|v| v.name == name) {
            let root = Root::Scope(self.depth - 1 - found.level);
            return Ok(Val::Row(Way { root, from: found.ty, via: Vec::new(), ty: found.ty }));
        }
        match name {
            "row" | "new" => self.whole_row(name, place),
            "auth" | "request" if self.purpose == Purpose::Check => {
                let hint = "put conditions on the caller into @allow".to_owned();
                let message = format!("a check does not have `{name}`: a row keeps it whoever writes");
                self.error(codes::NAME, place, message, Some(hint))
            }
            "auth" => Ok(Val::Auth),
            "request" => Ok(Val::Request),
            "now" => Ok(Val::Value(Operand::Now, Scalar::one(Kind::DateTime))),
            _ => self.unknown_name(name, place),
        }
    }

    fn whole_row(&mut self, name: &str, place: Place) -> Made<Val> {
        let (is_row, other) = (name == "row", if name == "row" { "new" } else { "row" });
        let refusal = match self.purpose {
            Purpose::Allow { row, new } => if is_row { row } else { new }.err().map(|word| {
                (
                    format!("a rule for {word} does not have `{name}`"),
                    format!("use `{other}`, or split the @allow by action"),
                )
            }),
            Purpose::Check => {
                is_row.then(|| ("a check does not have `row`".to_owned(), "use `new`".to_owned()))
            }
            Purpose::Computed => {
                (!is_row).then(|| ("a computed field does not have `new`".to_owned(), "use `row`".to_owned()))
            }
            Purpose::Default => {
                let hint = "a default is a constant, `now`, or one value of `auth` or `request`".to_owned();
                Some((format!("a default does not have `{name}`"), hint))
            }
        };
        if let Some((message, hint)) = refusal {
            return self.error(codes::ROW_OR_NEW, place, message, Some(hint));
        }
        if is_row {
            self.row = true
        } else {
            self.new = true
        }
        let root = if is_row { Root::Scope(self.depth - 1) } else { Root::New };
        Ok(Val::Row(Way { root, from: self.ty, via: Vec::new(), ty: self.ty }))
    }

    fn unknown_name<T>(&mut self, name: &str, place: Place) -> Made<T> {
        let mut known: Vec<&str> = match self.purpose {
            Purpose::Allow { row, new } => {
                let rows = [("row", row.is_ok()), ("new", new.is_ok())];
                rows.into_iter()
                    .filter(|(_, has)| *has)
                    .map(|(n, _)| n)
                    .chain(["auth", "request", "now"])
                    .collect()
            }
            Purpose::Check => vec!["new", "now"],
            Purpose::Computed => vec!["row", "auth", "request", "now"],
            Purpose::Default => vec!["auth", "request", "now"],
        };
        known.extend(self.variables.iter().map(|v| v.name.as_str()));
        let own = self.schema.ty(self.ty).field_named(name).is_some()
            || self.schema.ty(self.ty).relation_named(name).is_some();
        let row = known.iter().find(|n| **n == "row" || **n == "new").copied();
        let hint = match (own, row, names::nearest(name, known.iter().copied())) {
            (true, Some(row), _) => format!("did you mean `{row}.{name}`?"),
            (_, _, Some(near)) => format!("did you mean `{near}`?"),
            _ => format!("there are {}", known.join(", ")),
        };
        self.error(codes::NAME, place, format!("there is no `{name}` here"), Some(hint))
    }

    /// `of.name`.
    pub(super) fn select(&mut self, of: &Node, name: &str, at: Place) -> Made<Val> {
        match self.value(of)? {
            Val::Row(way) => self.member(way, name, at),
            Val::Rows(way) => self.many_member(way, name, at),
            Val::Auth => self.auth(name, at),
            Val::Claim(mut path) => {
                path.push(name.to_owned());
                Ok(Val::Claim(path))
            }
            Val::Request => match name {
                "ip" => Ok(Val::Value(Operand::Request(RequestValue::Ip), TEXT)),
                "headers" => Ok(Val::Headers),
                _ => self.no_member("request", name, &["ip", "headers"], at),
            },
            Val::Headers => Ok(self.header(name)),
            other => {
                let message = format!("{} has no member `{name}`", other.described(&self.schema));
                self.error(codes::NAME, at, message, None)
            }
        }
    }

    /// A field or a relation of one row.
    fn member(&mut self, mut way: Way, name: &str, at: Place) -> Made<Val> {
        let schema = std::sync::Arc::clone(&self.schema);
        let ty = schema.ty(way.ty);
        if let Some(relation) = ty.relation_named(name) {
            if self.purpose == Purpose::Check && !owns_column(ty, relation) {
                let hint = "a check looks at the row's own fields; put the condition into @allow".to_owned();
                return self.error(
                    codes::LACKING,
                    at,
                    format!("a check cannot follow `{name}` to other rows"),
                    Some(hint),
                );
            }
            let r = ty.relation(relation);
            way.via.push(relation);
            way.ty = r.target;
            return Ok(if r.to_one() { Val::Row(way) } else { Val::Rows(way) });
        }
        let Some(field) = ty.field_named(name) else { return self.unknown_member(ty, name, at) };
        if self.purpose == Purpose::Check && !way.via.is_empty() {
            let hint = "a check looks at the row's own fields; put the condition into @allow".to_owned();
            return self.error(
                codes::LACKING,
                at,
                "a check cannot follow a relation to other rows",
                Some(hint),
            );
        }
        let operand = self.reach(way, field, at)?;
        Ok(Val::Value(operand, ty.field(field).scalar))
    }

    fn many_member(&mut self, mut way: Way, name: &str, at: Place) -> Made<Val> {
        let schema = std::sync::Arc::clone(&self.schema);
        let ty = schema.ty(way.ty);
        if let Some(relation) = ty.relation_named(name) {
            way.ty = ty.relation(relation).target;
            way.via.push(relation);
            return Ok(Val::Rows(way));
        }
        if ty.field_named(name).is_none() {
            return self.unknown_member(ty, name, at);
        }
        let hint = format!("say which: `.exists(m, m.{name} …)` or `.all(m, m.{name} …)`");
        self.error(
            codes::TYPES,
            at,
            format!("`{name}` is a field of each row, and there are many"),
            Some(hint),
        )
    }

    fn unknown_member<T>(&mut self, ty: &Type, name: &str, at: Place) -> Made<T> {
        let fields = ty.fields.iter().map(|f| f.name.as_str());
        let relations = ty.relations.iter().filter(|r| r.declared).map(|r| r.name.as_str());
        let has: Vec<&str> = fields.chain(relations).collect();
        let near = names::nearest(name, has.iter().copied()).map(|n| format!("did you mean `{n}`?"));
        let hint = near.unwrap_or_else(|| format!("it has {}", has[..has.len().min(LISTED_MAX)].join(", ")));
        self.error(codes::NAME, at, format!("{} has no field `{name}`", ty.name), Some(hint))
    }

    fn no_member<T>(&mut self, of: &str, name: &str, has: &[&str], at: Place) -> Made<T> {
        let near = names::nearest(name, has.iter().copied()).map(|n| format!("did you mean `{of}.{n}`?"));
        let hint = near.unwrap_or_else(|| format!("`{of}` has {}", has.join(", ")));
        self.error(codes::NAME, at, format!("`{of}` has no member `{name}`"), Some(hint))
    }

    fn auth(&mut self, name: &str, at: Place) -> Made<Val> {
        let one = |what, kind| Ok(Val::Value(Operand::Auth(what, Scalar::one(kind)), Scalar::one(kind)));
        match name {
            "id" => one(AuthValue::Id, Kind::Id),
            "role" => one(AuthValue::Role, Kind::String),
            "email" => one(AuthValue::Email, Kind::String),
            "aal" => one(AuthValue::Aal, Kind::String),
            "roles" => {
                let list = Scalar::list(Kind::String);
                Ok(Val::Value(Operand::Auth(AuthValue::Roles, list), list))
            }
            "claims" => Ok(Val::Claim(Vec::new())),
            _ => self.no_member("auth", name, &["id", "role", "roles", "email", "aal", "claims"], at),
        }
    }

    fn header(&mut self, name: &str) -> Val {
        let name = name.to_ascii_lowercase();
        self.compiler.headers.insert(name.clone());
        Val::Value(Operand::Request(RequestValue::Header(name)), TEXT)
    }

    /// `of[index]`: a claim or a header by its name.
    pub(super) fn index(&mut self, base: &Node, index: &Node) -> Made<Val> {
        let value = self.value(base)?;
        match (value, &index.kind) {
            (Val::Headers, NodeKind::Text(name)) => Ok(self.header(name)),
            (Val::Claim(mut path), NodeKind::Text(name)) => {
                path.push(name.clone());
                Ok(Val::Claim(path))
            }
            _ => {
                let hint = "only `request.headers['name']` and `auth.claims['name']` have it".to_owned();
                self.error(codes::LACKING, index.place, "rules do not have `[…]` here", Some(hint))
            }
        }
    }

    /// `has(of.name)`: whether there is a value.
    pub(super) fn has(&mut self, of: &Node, name: &str, at: Place) -> Made<Val> {
        let value = self.select(of, name, at)?;
        self.is_null(value, at).map(|e| Val::Condition(Expr::Not(Box::new(e))))
    }

    /// Whether a value is null.
    pub(super) fn is_null(&mut self, value: Val, place: Place) -> Made<Expr> {
        match value {
            Val::Value(operand, _) => Ok(Expr::IsNull(operand)),
            Val::Claim(path) if !path.is_empty() => {
                Ok(Expr::IsNull(Operand::Auth(AuthValue::Claim(path), TEXT)))
            }
            Val::Row(way) => Ok(Expr::IsNull(self.key_of(way, place)?.0)),
            other => {
                let message = format!("{} is never null", other.described(&self.schema));
                let hint = matches!(other, Val::Rows(_))
                    .then(|| "ask whether there is one: `.exists(m, true)`".to_owned());
                self.error(codes::TYPES, place, message, hint)
            }
        }
    }

    /// The key of a row, which stands for the row in comparisons.
    pub(super) fn key_of(&mut self, way: Way, place: Place) -> Made<(Operand, Scalar)> {
        let schema = std::sync::Arc::clone(&self.schema);
        let target = schema.ty(way.ty);
        let key = match way.via.last().map(|r| self.last_owner(&way).relation(*r).pairs.as_slice()) {
            Some([(_, far)]) if target.key != [*far] => Some(*far),
            _ => None,
        };
        let key = key.or(match target.key.as_slice() {
            [one] => Some(*one),
            _ => None,
        });
        let Some(key) = key else {
            let message =
                format!("{} has a key of several fields, so a row of it is no single value", target.name);
            return self.error(
                codes::TYPES,
                place,
                message,
                Some("compare its fields one by one".to_owned()),
            );
        };
        let scalar = target.field(key).scalar;
        Ok((self.reach(way, key, place)?, scalar))
    }

    /// The type that owns the last relation of a way.
    fn last_owner(&self, way: &Way) -> &Type {
        let before = &way.via[..way.via.len() - 1];
        let owner = before.iter().fold(way.from, |ty, r| self.schema.ty(ty).relation(*r).target);
        self.schema.ty(owner)
    }

    /// A field of the row that a way of to-one relations leads to. The referenced field is the foreign key itself.
    fn reach(&mut self, mut way: Way, field: FieldId, place: Place) -> Made<Operand> {
        let (mut field, mut ty) = (field, way.ty);
        while let Some(last) = way.via.last() {
            let owner = way.via[..way.via.len() - 1]
                .iter()
                .fold(way.from, |t, r| self.schema.ty(t).relation(*r).target);
            let relation = self.schema.ty(owner).relation(*last);
            match (&relation.kind, relation.pairs.as_slice()) {
                (RelationKind::ToOne, [(near, far)]) if *far == field => {
                    (field, ty) = (*near, owner);
                    way.via.pop();
                }
                _ => break,
            }
        }
        if way.via.is_empty() {
            return self.field(way.root, ty, field, place);
        }
        let operand = Box::new(self.field(Root::Scope(0), ty, field, place)?);
        Ok(Operand::Via { root: way.root, via: way.via, operand })
    }

    /// `over.exists(var, body)` and its like.
    pub(super) fn quantify(
        &mut self,
        which: Macro,
        over: &Node,
        var: &str,
        body: &Node,
        at: Place,
    ) -> Made<Val> {
        let way = match self.value(over)? {
            Val::Rows(way) => way,
            other => return self.not_rows(&other, over.place),
        };
        match which {
            Macro::Exists => {
                let filter = Box::new(self.within(&way, var, |s| s.condition(body))?);
                Ok(Val::Condition(Expr::Some { root: way.root, via: way.via, filter }))
            }
            Macro::All => {
                let inner = self.within(&way, var, |s| s.condition(body))?;
                // A row for which the condition is unknown is a row for which it is not true.
                let filter = Box::new(Expr::Not(Box::new(Expr::Is(Box::new(inner), Some(true)))));
                Ok(Val::Condition(Expr::Not(Box::new(Expr::Some { root: way.root, via: way.via, filter }))))
            }
            Macro::Map => {
                let (operand, scalar) = self.within(&way, var, |s| {
                    let value = s.value(body)?;
                    s.typed(value, body.place)
                })?;
                Ok(Val::Each(way, operand, scalar))
            }
            Macro::ExistsOne => {
                let hint =
                    "use `.exists(m, …)`, or make the fields unique so that there is at most one".to_owned();
                self.error(codes::LACKING, at, "rules do not have `exists_one`", Some(hint))
            }
            Macro::Filter => {
                let hint = "put the condition into `.exists(m, …)`".to_owned();
                self.error(codes::LACKING, at, "rules do not have `filter`", Some(hint))
            }
        }
    }

    fn not_rows<T>(&mut self, other: &Val, place: Place) -> Made<T> {
        let message = format!(
            "this goes through the rows of a relation to many, not {}",
            other.described(&self.schema)
        );
        let hint = match other {
            Val::Row(_) => "it is one row: name its fields directly",
            Val::Value(_, scalar) if scalar.list => "ask with `in`: `'a' in row.list`",
            _ => "start from a list relation: `row.comments.exists(c, …)`",
        };
        self.error(codes::TYPES, place, message, Some(hint.to_owned()))
    }

    /// Compiles in the scope of one of the rows.
    fn within<T>(&mut self, way: &Way, var: &str, make: impl FnOnce(&mut Self) -> Made<T>) -> Made<T> {
        self.variables.push(Variable { name: var.to_owned(), ty: way.ty, level: self.depth });
        self.depth += 1;
        let made = make(self);
        self.depth -= 1;
        self.variables.pop();
        made
    }
}

/// Whether the relation's key is a column of the row itself, so that naming it bare stays in the row.
fn owns_column(ty: &Type, relation: RelationId) -> bool {
    let relation = ty.relation(relation);
    relation.kind == RelationKind::ToOne && relation.pairs.len() == 1
}
