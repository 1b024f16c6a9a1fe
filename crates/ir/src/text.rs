//! The one text form of an operation, for people, `explain` and snapshots.
//!
//! Names come from the schema. A field of the row in scope stands alone (`title`), one of an outer row carries as many
//! carets as scopes lie between (`^author_id`), one of the row after the write begins with `new.`.

use std::fmt::Write as _;

use bistro_schema::{FieldId, Kind, RelationId, RelationKind, Scalar, Schema, TypeId, Value};

use crate::expr::{AuthValue, Compare, Expr, JsonStep, Operand, RequestValue, Root};
use crate::operation::{Action, Aggregate, Body, Bound, Embed, Item, Operation, Order, Read, Write};

/// The text of an operation: a block of indented lines, and one with the kinds of its parameters.
pub fn operation(schema: &Schema, operation: &Operation) -> String {
    let mut printer = Printer::new(schema);
    match &operation.body {
        Body::Read(read) => printer.read(read, 0),
        Body::Write(write) => printer.write(write),
    }
    if !operation.params.is_empty() {
        let kinds = operation.params.iter().enumerate();
        let kinds: Vec<String> = kinds.map(|(i, p)| format!("${i} {}", scalar(schema, p.scalar))).collect();
        printer.line(0, format_args!("params {}", kinds.join(", ")));
    }
    printer.out
}

/// The text of one condition on rows of `ty`.
pub fn expr(schema: &Schema, ty: TypeId, expr: &Expr) -> String {
    Printer { scopes: vec![ty], ..Printer::new(schema) }.expr(expr)
}

/// The name of a scalar as the schema file writes it; a list in brackets.
pub fn scalar(schema: &Schema, scalar: Scalar) -> String {
    let name = match scalar.kind {
        Kind::Id => "ID".into(),
        Kind::Int => "Int".into(),
        Kind::BigInt => "BigInt".into(),
        Kind::Float => "Float".into(),
        Kind::Decimal { bare: true, .. } => "Decimal".into(),
        Kind::Decimal { precision, scale, bare: false } => format!("Decimal({precision}, {scale})"),
        Kind::String => "String".into(),
        Kind::Boolean => "Boolean".into(),
        Kind::Date => "Date".into(),
        Kind::Time => "Time".into(),
        Kind::DateTime => "DateTime".into(),
        Kind::Json => "JSON".into(),
        Kind::Bytes => "Bytes".into(),
        Kind::Email => "Email".into(),
        Kind::Url => "URL".into(),
        Kind::Uuid => "UUID".into(),
        Kind::Html => "Html".into(),
        Kind::Enum(id) => schema.enum_type(id).name.clone(),
    };
    if scalar.list { format!("[{name}]") } else { name }
}

struct Printer<'a> {
    schema: &'a Schema,
    /// The types of the rows in scope, the outermost first.
    scopes: Vec<TypeId>,
    out: String,
}

impl<'a> Printer<'a> {
    fn new(schema: &'a Schema) -> Self {
        Self { schema, scopes: Vec::new(), out: String::new() }
    }

    fn line(&mut self, depth: usize, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:1$}{text}", "", depth * 2);
    }

    fn read(&mut self, read: &Read, depth: usize) {
        self.line(depth, format_args!("read {}", self.schema.ty(read.ty).collection));
        self.read_parts(read, depth + 1);
    }

    fn read_parts(&mut self, read: &Read, depth: usize) {
        self.scopes.push(read.ty);
        let values: Vec<String> = read.select.iter().filter_map(|item| self.item(item)).collect();
        if !values.is_empty() {
            self.line(depth, format_args!("select {}", values.join(", ")));
        }
        for item in &read.select {
            if let Item::Embed(embed) = item {
                self.embed(embed, depth);
            }
        }
        if !read.filter.is_true() {
            let text = self.expr(&read.filter);
            self.line(depth, format_args!("where {text}"));
        }
        if !read.order.is_empty() {
            let terms: Vec<String> = read.order.iter().map(|term| self.order(term)).collect();
            self.line(depth, format_args!("order {}", terms.join(", ")));
        }
        if let Some(limit) = read.limit {
            self.line(depth, format_args!("limit {}", bound(limit)));
        }
        if let Some(offset) = read.offset {
            self.line(depth, format_args!("offset {}", bound(offset)));
        }
        if read.total {
            self.line(depth, format_args!("total"));
        }
        self.scopes.pop();
    }

    fn item(&mut self, item: &Item) -> Option<String> {
        let (key, text, cast) = match item {
            Item::Value { key, operand, cast } => (key, self.operand(operand), cast),
            Item::Aggregate { key, function, operand, cast } => {
                let of = operand.as_ref().map_or_else(|| "*".into(), |o| self.operand(o));
                (key, format!("{}({of})", aggregate(*function)), cast)
            }
            Item::Embed(_) => return None,
        };
        let cast = cast.map_or_else(String::new, |to| format!("::{}", scalar(self.schema, to)));
        if *key == text && cast.is_empty() { Some(text) } else { Some(format!("{key} = {text}{cast}")) }
    }

    fn embed(&mut self, embed: &Embed, depth: usize) {
        let ty = self.here();
        let way = self.relation(ty, embed.relation);
        let kind = &self.schema.ty(ty).relation(embed.relation).kind;
        let word = if embed.spread { "spread" } else { "embed" };
        let key = if embed.spread { String::new() } else { format!("{} = ", embed.key) };
        let target = &self.schema.ty(embed.read.ty).collection;
        self.line(depth, format_args!("{word} {key}{way} -> {target}"));
        if !embed.when.is_true() {
            let text = self.expr(&embed.when);
            self.line(depth + 1, format_args!("when {text}"));
        }
        // An embed starts a scope of its own: it cannot speak of the rows around it.
        let outer = std::mem::take(&mut self.scopes);
        if let (false, RelationKind::ManyToMany(through)) = (embed.link.is_true(), kind) {
            self.scopes.push(through.join);
            let text = self.expr(&embed.link);
            self.line(depth + 1, format_args!("link {text}"));
            self.scopes.pop();
        }
        self.read_parts(&embed.read, depth + 1);
        self.scopes = outer;
    }

    fn write(&mut self, write: &Write) {
        let collection = &self.schema.ty(write.ty).collection;
        self.scopes.push(write.ty);
        match &write.action {
            Action::Insert { columns, conflict } => {
                self.line(0, format_args!("insert {collection}({})", self.fields(write.ty, columns)));
                if let Some(conflict) = conflict {
                    let verb = if conflict.merge { "merge" } else { "leave" };
                    let over = self.fields(write.ty, &conflict.fields);
                    self.line(1, format_args!("on conflict({over}) {verb}"));
                }
            }
            Action::Update { filter, columns } => {
                self.line(0, format_args!("update {collection}({})", self.fields(write.ty, columns)));
                let text = self.expr(filter);
                self.line(1, format_args!("where {text}"));
            }
            Action::Delete { filter } => {
                self.line(0, format_args!("delete {collection}"));
                let text = self.expr(filter);
                self.line(1, format_args!("where {text}"));
            }
        }
        self.scopes.pop();
        if let Some(read) = &write.returning {
            self.line(1, format_args!("returning"));
            self.read_parts(read, 2);
        }
    }

    fn order(&mut self, term: &Order) -> String {
        let direction = if term.descending { "desc" } else { "asc" };
        let nulls = if term.nulls_first { "first" } else { "last" };
        format!("{} {direction} nulls {nulls}", self.operand(&term.operand))
    }

    fn expr(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Const(value) => truth(*value).into(),
            Expr::And(parts) => self.joined(parts, " and "),
            Expr::Or(parts) => self.joined(parts, " or "),
            Expr::Not(inner) => format!("not {}", self.expr(inner)),
            Expr::Is(inner, value) => format!("({} is {})", self.expr(inner), truth(*value)),
            Expr::Compare(how, a, b) => format!("{} {} {}", self.operand(a), compare(*how), self.operand(b)),
            Expr::Distinct(a, b) => format!("{} is distinct from {}", self.operand(a), self.operand(b)),
            Expr::IsNull(operand) => format!("{} is null", self.operand(operand)),
            Expr::In(a, b) => format!("{} in {}", self.operand(a), self.operand(b)),
            Expr::Like { operand, pattern, fold } => {
                let word = if *fold { "ilike" } else { "like" };
                format!("{} {word} {}", self.operand(operand), self.operand(pattern))
            }
            Expr::Match { operand, pattern, fold } => {
                let word = if *fold { "imatch" } else { "match" };
                format!("{} {word} {}", self.operand(operand), self.operand(pattern))
            }
            Expr::Contains(a, b) => format!("{} contains {}", self.operand(a), self.operand(b)),
            Expr::Overlaps(a, b) => format!("{} overlaps {}", self.operand(a), self.operand(b)),
            Expr::Search { field, mode, query } => {
                let ty = self.here();
                let of = field.map_or("*", |f| &self.schema.ty(ty).field(f).name);
                format!("search({of}, {mode:?}, {})", self.operand(query))
            }
            Expr::Some { root, via, filter } => {
                let (way, ty) = self.way(*root, via);
                self.scopes.push(ty);
                let text = self.expr(filter);
                self.scopes.pop();
                if filter.is_true() { format!("some {way}") } else { format!("some {way} ({text})") }
            }
            Expr::Truth(operand) => self.operand(operand),
        }
    }

    fn joined(&mut self, parts: &[Expr], word: &str) -> String {
        let texts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
        format!("({})", texts.join(word))
    }

    fn operand(&mut self, operand: &Operand) -> String {
        match operand {
            Operand::Field(root, field) => {
                let (prefix, ty) = self.root(*root);
                format!("{prefix}{}", self.schema.ty(ty).field(*field).name)
            }
            Operand::Via { root, via, operand } => {
                let (way, ty) = self.way(*root, via);
                self.scopes.push(ty);
                let text = self.operand(operand);
                self.scopes.pop();
                format!("{way}.{text}")
            }
            Operand::Param(id) => format!("${}", id.0),
            Operand::Literal(value, _) => literal(value),
            Operand::Auth(value, _) => auth(value),
            Operand::Now => "now".into(),
            Operand::Request(RequestValue::Ip) => "request.ip".into(),
            Operand::Request(RequestValue::Header(name)) => format!("request.headers[{name:?}]"),
            Operand::Json { base, path, text } => {
                let base = self.operand(base);
                json_path(base, path, *text)
            }
            Operand::If(test, value) => format!("if({}, {})", self.expr(test), self.operand(value)),
            Operand::Choose(test, yes, no) => {
                format!("choose({}, {}, {})", self.expr(test), self.operand(yes), self.operand(no))
            }
            Operand::Truth(test) => format!("truth({})", self.expr(test)),
            Operand::Call(function, of) => {
                let of: Vec<String> = of.iter().map(|o| self.operand(o)).collect();
                format!("{function:?}({})", of.join(", ")).to_lowercase()
            }
        }
    }

    /// The prefix of names of a root, and its type.
    fn root(&self, root: Root) -> (String, TypeId) {
        match root {
            Root::New => ("new.".into(), self.scopes[0]),
            Root::Scope(up) => {
                let ty = self.scopes[self.scopes.len() - 1 - usize::from(up)];
                ("^".repeat(usize::from(up)), ty)
            }
        }
    }

    fn way(&self, root: Root, via: &[RelationId]) -> (String, TypeId) {
        let (prefix, mut ty) = self.root(root);
        let mut names = Vec::with_capacity(via.len());
        for id in via {
            names.push(self.relation(ty, *id));
            ty = self.schema.ty(ty).relation(*id).target;
        }
        (format!("{prefix}{}", names.join(".")), ty)
    }

    /// A declared relation's name; of an undeclared one, its constraint beside it, for the name alone may be shared.
    fn relation(&self, ty: TypeId, id: RelationId) -> String {
        let relation = self.schema.ty(ty).relation(id);
        if relation.declared {
            relation.name.clone()
        } else {
            format!("{}!{}", relation.name, relation.constraint)
        }
    }

    fn here(&self) -> TypeId {
        *self.scopes.last().expect("parts of a read or write are printed with its type in scope")
    }

    fn fields(&self, ty: TypeId, fields: &[FieldId]) -> String {
        let names: Vec<&str> = fields.iter().map(|f| self.schema.ty(ty).field(*f).name.as_str()).collect();
        names.join(", ")
    }
}

fn json_path(mut base: String, path: &[JsonStep], text: bool) -> String {
    for (i, step) in path.iter().enumerate() {
        base.push_str(if text && i + 1 == path.len() { "->>" } else { "->" });
        match step {
            JsonStep::Key(key) => base.push_str(key),
            JsonStep::Index(index) => base.push_str(&index.to_string()),
        }
    }
    base
}

fn literal(value: &Value) -> String {
    let mut out = Vec::new();
    bistro_schema::text::write_json(value.borrow(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn auth(value: &AuthValue) -> String {
    match value {
        AuthValue::Id => "auth.id".into(),
        AuthValue::Role => "auth.role".into(),
        AuthValue::Roles => "auth.roles".into(),
        AuthValue::Email => "auth.email".into(),
        AuthValue::Aal => "auth.aal".into(),
        AuthValue::Claim(path) => format!("auth.claims.{}", path.join(".")),
    }
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::Fixed(n) => n.to_string(),
        Bound::Param(id) => format!("${}", id.0),
    }
}

const fn truth(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "true",
        Some(false) => "false",
        None => "unknown",
    }
}

const fn compare(how: Compare) -> &'static str {
    match how {
        Compare::Eq => "=",
        Compare::Ne => "<>",
        Compare::Lt => "<",
        Compare::Le => "<=",
        Compare::Gt => ">",
        Compare::Ge => ">=",
    }
}

const fn aggregate(function: Aggregate) -> &'static str {
    match function {
        Aggregate::Count => "count",
        Aggregate::Sum => "sum",
        Aggregate::Avg => "avg",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
    }
}
