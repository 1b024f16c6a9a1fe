//! Which rows of a system table, in which order, how many.

use bistro_schema::Value;

use super::column::Column;

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Is,
    IsNot,
    Before,
    NotBefore,
    Null,
    NotNull,
    AnyOf,
    Holds,
}

/// A condition on columns: all of its terms hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub(crate) terms: Vec<(&'static str, Test, Value)>,
    pub(crate) order: Vec<(&'static str, bool)>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
}

impl Filter {
    fn term(column: &'static str, test: Test, value: Value) -> Self {
        Self { terms: vec![(column, test, value)], ..Self::default() }
    }

    /// Both conditions.
    #[must_use]
    pub fn and(mut self, other: Filter) -> Self {
        self.terms.extend(other.terms);
        self
    }

    /// The greatest of this column first.
    #[must_use]
    pub fn newest(mut self, column: &'static str) -> Self {
        self.order.push((column, true));
        self
    }

    /// The least of this column first.
    #[must_use]
    pub fn oldest(mut self, column: &'static str) -> Self {
        self.order.push((column, false));
        self
    }

    /// At most so many rows. Without it a thousand.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// After skipping so many.
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }
}

/// Every row.
pub fn all() -> Filter {
    Filter::default()
}

/// The column has this value; null is never equal.
pub fn is(column: &'static str, value: impl Column) -> Filter {
    Filter::term(column, Test::Is, value.give())
}

/// The column has another value than this, or none.
pub fn is_not(column: &'static str, value: impl Column) -> Filter {
    Filter::term(column, Test::IsNot, value.give())
}

/// The column's value is less than this.
pub fn before(column: &'static str, value: impl Column) -> Filter {
    Filter::term(column, Test::Before, value.give())
}

/// The column's value is this or greater.
pub fn not_before(column: &'static str, value: impl Column) -> Filter {
    Filter::term(column, Test::NotBefore, value.give())
}

/// The column is null.
pub fn null(column: &'static str) -> Filter {
    Filter::term(column, Test::Null, Value::Null)
}

/// The column is not null.
pub fn not_null(column: &'static str) -> Filter {
    Filter::term(column, Test::NotNull, Value::Null)
}

/// The column's text has this in it, to the letter.
pub fn holds(column: &'static str, text: &str) -> Filter {
    let escaped: String = text
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    Filter::term(column, Test::Holds, format!("%{escaped}%").give())
}

/// The column has one of these values.
pub fn any_of<T: Column>(column: &'static str, values: impl IntoIterator<Item = T>) -> Filter {
    let values = values.into_iter().map(T::give).collect();
    Filter::term(column, Test::AnyOf, Value::List(values))
}
