//! Conditions and values: one language for callers' filters, compiled rules, checks and computed fields.
//!
//! Truth is SQL's: true, false or unknown; a comparison with null is unknown, and a condition that is not true refuses.

use bistro_schema::{FieldId, RelationId, Scalar, Value};

/// A slot for a value that travels beside the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamId(pub u16);

/// The row that a name starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// A row in scope: 0 is the innermost, each [`Expr::Some`] and [`Operand::Via`] adds one.
    Scope(u8),
    /// The row as it would be after the write.
    New,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// True, false, or unknown.
    Const(Option<bool>),
    /// All of them; true when empty.
    And(Vec<Expr>),
    /// Any of them; false when empty.
    Or(Vec<Expr>),
    /// The opposite; unknown stays unknown.
    Not(Box<Expr>),
    /// Whether the condition is true (or false, or unknown): never unknown itself.
    Is(Box<Expr>, Option<bool>),
    /// A comparison; unknown if either side is null.
    Compare(Compare, Operand, Operand),
    /// Different, where null equals null: never unknown.
    Distinct(Operand, Operand),
    /// Whether the value is null: never unknown.
    IsNull(Operand),
    /// Whether the value is in a list (a parameter or another operand that is a list).
    In(Operand, Operand),
    /// Matches a pattern of `%` and `_`; `\` escapes. Case-sensitive unless `fold`.
    Like {
        /// The text.
        operand: Operand,
        /// The pattern.
        pattern: Operand,
        /// Whether case is folded.
        fold: bool,
    },
    /// A regular expression finds something in the text.
    Match {
        /// The text.
        operand: Operand,
        /// The expression, of the common subset.
        pattern: Operand,
        /// Whether case is folded.
        fold: bool,
    },
    /// A list holds all of another, or a JSON document contains another (`@>`).
    Contains(Operand, Operand),
    /// The two lists share an element.
    Overlaps(Operand, Operand),
    /// The type's full-text index finds the query in the field (`None`: in any indexed field of the row in scope 0).
    Search {
        /// One field of the index, or all.
        field: Option<FieldId>,
        /// How the query is read.
        mode: SearchMode,
        /// The query.
        query: Operand,
    },
    /// Some row that the relations lead to (in order, from `root`) meets the filter, whose scope 0 is that row.
    Some {
        /// Where the way starts.
        root: Root,
        /// The way.
        via: Vec<RelationId>,
        /// The condition on the last row.
        filter: Box<Expr>,
    },
    /// A boolean value as a condition.
    Truth(Operand),
}

/// An order relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// How a full-text query is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchMode {
    /// Operators `& | ! <->` (`fts`).
    Query,
    /// All words (`plfts`).
    Plain,
    /// The words as a phrase (`phfts`).
    Phrase,
    /// As people type into a search box: quotes, `or`, `-` (`wfts`).
    Web,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A field of a row.
    Field(Root, FieldId),
    /// A value of the row that to-one relations lead to, null where the way breaks; scope 0 inside is that row.
    Via {
        /// Where the way starts.
        root: Root,
        /// To-one relations.
        via: Vec<RelationId>,
        /// The value, in the scope of the last row.
        operand: Box<Operand>,
    },
    /// A value that travels beside the operation.
    Param(ParamId),
    /// A constant of the schema file.
    Literal(Value, Scalar),
    /// Something of the caller, read as the scalar (null where it can't be).
    Auth(AuthValue, Scalar),
    /// The time of the request, a DateTime.
    Now,
    /// Something of the request.
    Request(RequestValue),
    /// A part of a JSON document: as JSON, or as text.
    Json {
        /// The document.
        base: Box<Operand>,
        /// The way in.
        path: Vec<JsonStep>,
        /// Whether the last step is `->>`.
        text: bool,
    },
    /// The value where the condition is true, otherwise null: a field rule's `when`.
    If(Box<Expr>, Box<Operand>),
    /// One value or another.
    Choose(Box<Expr>, Box<Operand>, Box<Operand>),
    /// A condition as a Boolean.
    Truth(Box<Expr>),
    /// A function of values.
    Call(Function, Vec<Operand>),
}

/// What rules may ask about the caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AuthValue {
    /// `sub` if it is a UUID, otherwise null.
    Id,
    /// `anon`, `authenticated` or `service_role`.
    Role,
    /// The closed list of roles.
    Roles,
    /// The e-mail claim.
    Email,
    /// The assurance level.
    Aal,
    /// A claim by path, read as text and then as the scalar it is compared with.
    Claim(Vec<String>),
}

/// What rules may ask about the request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestValue {
    /// The client's address as text.
    Ip,
    /// A header by its lower-case name, as text.
    Header(String),
}

/// One step into a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonStep {
    /// A member.
    Key(String),
    /// An element; negative counts from the end.
    Index(i64),
}

/// A function of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// Text in lower case.
    Lower,
    /// Text in upper case.
    Upper,
    /// Text without white space around it.
    Trim,
    /// The length of a text in characters, of a list in elements.
    Size,
    /// Texts joined.
    Concat,
    /// The sum of two numbers.
    Add,
    /// The difference of two numbers.
    Subtract,
    /// The product of two numbers.
    Multiply,
    /// The quotient of two numbers; null when divided by zero.
    Divide,
    /// The remainder of two integers; null when divided by zero.
    Remainder,
    /// An instant (a DateTime) later by so many microseconds (a BigInt, which may be negative).
    AddMicros,
    /// The first that is not null.
    Coalesce,
    /// The text of any value.
    Text,
}

impl Expr {
    /// Always true.
    pub const TRUE: Expr = Expr::Const(Some(true));
    /// Always false.
    pub const FALSE: Expr = Expr::Const(Some(false));

    /// All of the conditions, flattened, without what is always true; false if one is always false.
    pub fn all(parts: impl IntoIterator<Item = Expr>) -> Expr {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Expr::Const(Some(true)) => {}
                Expr::Const(Some(false)) => return Expr::FALSE,
                Expr::And(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        match out.len() {
            0 => Expr::TRUE,
            1 => out.swap_remove(0),
            _ => Expr::And(out),
        }
    }

    /// Any of the conditions, flattened, without what is always false; true if one is always true.
    pub fn any(parts: impl IntoIterator<Item = Expr>) -> Expr {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Expr::Const(Some(false)) => {}
                Expr::Const(Some(true)) => return Expr::TRUE,
                Expr::Or(inner) => out.extend(inner),
                other => out.push(other),
            }
        }
        match out.len() {
            0 => Expr::FALSE,
            1 => out.swap_remove(0),
            _ => Expr::Or(out),
        }
    }

    /// The opposite; of a constant the constant.
    #[must_use]
    pub fn opposite(self) -> Expr {
        match self {
            Expr::Const(value) => Expr::Const(value.map(|truth| !truth)),
            expr => Expr::Not(Box::new(expr)),
        }
    }

    /// Whether every row that a to-many relation leads to meets the condition: there is none for which it is false or
    /// unknown.
    #[must_use]
    pub fn every(relation: RelationId, filter: Expr) -> Expr {
        if filter.is_true() {
            return Expr::TRUE;
        }
        let missed = Expr::Is(Box::new(filter), Some(true)).opposite();
        Expr::some(relation, missed).opposite()
    }

    /// Whether some row that the relation leads to from the row in scope meets the condition.
    #[must_use]
    pub fn some(relation: RelationId, filter: Expr) -> Expr {
        Expr::Some { root: Root::Scope(0), via: vec![relation], filter: Box::new(filter) }
    }

    /// Whether it is the constant true.
    pub fn is_true(&self) -> bool {
        *self == Expr::TRUE
    }

    /// Whether it is the constant false.
    pub fn is_false(&self) -> bool {
        *self == Expr::FALSE
    }
}
