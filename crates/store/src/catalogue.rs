//! What a database says of its own tables: for introspection, and to see whether they still are what the history made.

use std::fmt;

use bistro_schema::{Kind, OnDelete};

/// The tables and views of a database, Bistro's own left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// In the order of their names.
    pub tables: Vec<Table>,
}

/// One table or view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Whether it is a view.
    pub view: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key, in order.
    pub key: Vec<String>,
    /// Its unique constraints and indexes, the key left out.
    pub uniques: Vec<ColumnSet>,
    /// Its other indexes over plain columns.
    pub indexes: Vec<ColumnSet>,
    /// Its foreign keys.
    pub references: Vec<Reference>,
    /// Its checks: name and text.
    pub checks: Vec<(String, String)>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in the engine's words.
    pub declared: String,
    /// What its values are; `None` where Bistro has no such kind.
    pub nature: Option<Nature>,
    /// Whether they are lists of that.
    pub list: bool,
    /// The longest text, in characters.
    pub length: Option<u32>,
    /// Whether it may be null.
    pub nullable: bool,
    /// The default in the engine's words.
    pub default: Option<String>,
    /// Whether the engine counts it up (serial, identity, AUTO_INCREMENT).
    pub counted: bool,
    /// Whether the engine calculates it from others.
    pub generated: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// What the values of a column are.
#[derive(Clone, Debug, PartialEq)]
pub enum Nature {
    /// A kind of Bistro's own.
    Kind(Kind),
    /// One of these texts; the name of the engine's type, where it has one.
    Enum {
        /// The type's name.
        name: Option<String>,
        /// The values, in order.
        values: Vec<String>,
    },
}

/// A named set of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSet {
    /// The name of the constraint or index.
    pub name: String,
    /// The columns, in order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The constraint's name; SQLite has none for some.
    pub name: Option<String>,
    /// The columns here.
    pub columns: Vec<String>,
    /// The table there.
    pub table: String,
    /// The columns there.
    pub to: Vec<String>,
    /// What happens when the row there goes.
    pub on_delete: OnDelete,
}

impl Catalogue {
    /// The table or view of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name == name)
    }
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }
}

/// One line for each thing that the database says, for people and for tests.
impl fmt::Display for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tables.iter().try_for_each(|table| write!(f, "{table}"))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.view { "view" } else { "table" }, self.name)?;
        if !self.key.is_empty() {
            write!(f, " key ({})", self.key.join(", "))?;
        }
        writeln!(f, "{}", said(self.comment.as_ref()))?;
        self.columns.iter().try_for_each(|column| writeln!(f, "  {column}"))?;
        for (what, sets) in [("unique", &self.uniques), ("index", &self.indexes)] {
            sets.iter().try_for_each(|s| writeln!(f, "  {what} {} ({})", s.name, s.columns.join(", ")))?;
        }
        for r in &self.references {
            let (name, columns) = (r.name.as_deref().unwrap_or("-"), r.columns.join(", "));
            let to = r.to.join(", ");
            writeln!(f, "  reference {name} ({columns}) to {} ({to}) {:?}", r.table, r.on_delete)?;
        }
        self.checks.iter().try_for_each(|(name, text)| writeln!(f, "  check {name}: {text}"))
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} =", self.name, self.declared)?;
        match &self.nature {
            None => f.write_str(" ?")?,
            Some(Nature::Kind(Kind::Decimal { precision, scale, bare: false })) => {
                write!(f, " Decimal({precision}, {scale})")?;
            }
            Some(Nature::Kind(Kind::Decimal { .. })) => f.write_str(" Decimal")?,
            Some(Nature::Kind(kind)) => write!(f, " {kind:?}")?,
            Some(Nature::Enum { values, .. }) => write!(f, " {values:?}")?,
        }
        self.length.map_or(Ok(()), |most| write!(f, "({most})"))?;
        let marks = [
            (self.list, " list"),
            (self.nullable, " null"),
            (self.counted, " counted"),
            (self.generated, " generated"),
        ];
        marks.iter().filter(|(on, _)| *on).try_for_each(|(_, mark)| f.write_str(mark))?;
        self.default.as_ref().map_or(Ok(()), |text| write!(f, " default {text}"))?;
        f.write_str(&said(self.comment.as_ref()))
    }
}

fn said(comment: Option<&String>) -> String {
    comment.map_or_else(String::new, |text| format!(" -- {text:?}"))
}
