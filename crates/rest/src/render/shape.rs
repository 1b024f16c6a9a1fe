//! The column program of a reply: for each level of an operation's read, what to print for each output.

use std::sync::Arc;

use bistro_ir::{Aggregate, Function, Item, Operand, Read};
use bistro_schema::{Kind, Scalar, Schema, TypeId};

/// What of the media type changes the print of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Members that are null are left out.
    pub strip_nulls: bool,
    /// Decimals print as strings.
    pub decimal_strings: bool,
}

/// How a reply is printed. Shared by all requests of its form.
#[derive(Debug)]
pub struct Shape {
    pub(crate) levels: Vec<Level>,
    pub(crate) style: Style,
    pub(crate) schema: Arc<Schema>,
}

/// One level: the rows of one read.
#[derive(Debug, Default)]
pub(crate) struct Level {
    pub(crate) outs: Vec<Out>,
    /// The members of a lifted or tabular row in order, spreads taken apart.
    pub(crate) leaves: Vec<Key>,
}

/// One output of a level, by the index of its item.
#[derive(Debug)]
pub(crate) enum Out {
    Value {
        key: Key,
        /// A decimal prints without zeros at its end.
        bare: bool,
        /// What the value is, and what it becomes.
        cast: Option<(Scalar, Scalar)>,
    },
    Nested {
        key: Key,
        form: Form,
        level: usize,
    },
}

/// How nested rows stand in their row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An object or null.
    One,
    /// A list.
    Many,
    /// The members of the one row, in the enclosing row.
    LiftOne,
    /// A list for each member of all rows, in the enclosing row.
    LiftMany,
    /// Embedded for its filter alone: prints nothing.
    Silent,
}

/// A member's name as bytes: `,"title":`. The comma is left off where the member is the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(Box<[u8]>);

impl Key {
    fn new(name: &str) -> Self {
        let mut bytes = vec![b','];
        bistro_schema::text::write_json_string(name, &mut bytes);
        bytes.push(b':');
        Key(bytes.into())
    }

    /// With the comma.
    pub(crate) fn next(&self) -> &[u8] {
        &self.0
    }

    /// Without the comma.
    pub(crate) fn first(&self) -> &[u8] {
        &self.0[1..]
    }

    /// The name as a JSON string.
    pub(crate) fn json(&self) -> &[u8] {
        &self.0[1..self.0.len() - 1]
    }
}

impl Shape {
    /// The shape of a read's reply.
    pub fn new(schema: &Arc<Schema>, read: &Read, style: Style) -> Self {
        let mut shape = Shape { levels: Vec::new(), style, schema: schema.clone() };
        shape.level(read);
        shape
    }

    /// The names of the columns of a table of the outermost rows, each a JSON string.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &[u8]> {
        self.levels[0].leaves.iter().map(Key::json)
    }

    fn level(&mut self, read: &Read) -> usize {
        let at = self.levels.len();
        self.levels.push(Level::default());
        let outs: Vec<Out> = read.select.iter().map(|item| self.out(read.ty, item)).collect();
        let leaves = outs.iter().flat_map(|out| self.leaves(out)).collect();
        self.levels[at] = Level { outs, leaves };
        at
    }

    fn out(&mut self, ty: TypeId, item: &Item) -> Out {
        match item {
            Item::Value { key, operand, cast } => {
                let from = scalar(&self.schema, ty, operand);
                Out::Value { key: Key::new(key), bare: is_bare(from), cast: change(from, *cast) }
            }
            Item::Aggregate { key, function, operand, cast } => {
                let from = aggregate(&self.schema, ty, *function, operand.as_ref());
                Out::Value { key: Key::new(key), bare: is_bare(from), cast: change(from, *cast) }
            }
            Item::Embed(embed) => {
                let to_one = self.schema.ty(ty).relation(embed.relation).to_one();
                let form = match (embed.spread, to_one) {
                    _ if embed.read.select.is_empty() => Form::Silent,
                    (true, true) => Form::LiftOne,
                    (true, false) => Form::LiftMany,
                    (false, true) => Form::One,
                    (false, false) => Form::Many,
                };
                Out::Nested { key: Key::new(&embed.key), form, level: self.level(&embed.read) }
            }
        }
    }

    fn leaves(&self, out: &Out) -> Vec<Key> {
        match out {
            Out::Value { key, .. } => vec![key.clone()],
            Out::Nested { key, form: Form::One | Form::Many, .. } => vec![key.clone()],
            Out::Nested { form: Form::LiftOne | Form::LiftMany, level, .. } => {
                self.levels[*level].leaves.clone()
            }
            Out::Nested { form: Form::Silent, .. } => Vec::new(),
        }
    }
}

fn is_bare(scalar: Scalar) -> bool {
    matches!(scalar.kind, Kind::Decimal { bare: true, .. })
}

fn change(from: Scalar, cast: Option<Scalar>) -> Option<(Scalar, Scalar)> {
    cast.filter(|to| *to != from).map(|to| (from, to))
}

/// What an aggregate of the operand is.
fn aggregate(schema: &Schema, ty: TypeId, function: Aggregate, operand: Option<&Operand>) -> Scalar {
    let of = operand.map(|o| scalar(schema, ty, o));
    match (function, of) {
        (Aggregate::Count, _) | (_, None) => Scalar::one(Kind::BigInt),
        // A mean has the digits that the store found for it.
        (Aggregate::Avg, Some(Scalar { kind: Kind::Decimal { precision, scale, .. }, .. })) => {
            Scalar::one(Kind::Decimal { precision, scale, bare: false })
        }
        (_, Some(of)) => of,
    }
}

/// What an operand's value is, in the scope of a row of `ty`.
pub(crate) fn scalar(schema: &Schema, ty: TypeId, operand: &Operand) -> Scalar {
    let text = Scalar::one(Kind::String);
    match operand {
        Operand::Field(_, field) => schema.ty(ty).field(*field).scalar,
        Operand::Via { via, operand, .. } => {
            let target = via.iter().fold(ty, |at, step| schema.ty(at).relation(*step).target);
            scalar(schema, target, operand)
        }
        Operand::Literal(_, scalar) | Operand::Auth(_, scalar) => *scalar,
        Operand::Now => Scalar::one(Kind::DateTime),
        Operand::Json { text: false, .. } => Scalar::one(Kind::Json),
        Operand::Json { .. } | Operand::Request(_) | Operand::Param(_) => text,
        Operand::If(_, operand) | Operand::Choose(_, operand, _) => scalar(schema, ty, operand),
        Operand::Truth(_) => Scalar::one(Kind::Boolean),
        Operand::Call(function, operands) => match (function, operands.first()) {
            (Function::Size, _) => Scalar::one(Kind::Int),
            (Function::Lower | Function::Upper | Function::Trim | Function::Concat | Function::Text, _) => {
                text
            }
            (_, Some(first)) => scalar(schema, ty, first),
            (_, None) => text,
        },
    }
}
