//! The tree of a rule.

/// Bytes `start..end` of the rule's text.
pub(crate) type Place = (u32, u32);

/// A part of a rule and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: NodeKind,
}

/// The kinds of part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NodeKind {
    Ident(String),
    /// `of.name`, with the place of the name.
    Select {
        of: Box<Node>,
        name: String,
        at: Place,
    },
    /// `has(of.name)`.
    Has {
        of: Box<Node>,
        name: String,
        at: Place,
    },
    /// `of[index]`.
    Index(Box<Node>, Box<Node>),
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Choose(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    /// `name(args)` or `of.name(args)`, with the place of the name.
    Call {
        of: Option<Box<Node>>,
        name: String,
        at: Place,
        args: Vec<Node>,
    },
    /// `over.exists(var, body)` and its like, with the place of the word.
    Macro {
        which: Macro,
        over: Box<Node>,
        var: String,
        body: Box<Node>,
        at: Place,
    },
    /// Something that rules do not have, by name.
    Lacking(&'static str),
}

/// Operators of two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// The words that take a variable and a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Macro {
    Exists,
    All,
    ExistsOne,
    Map,
    Filter,
}
