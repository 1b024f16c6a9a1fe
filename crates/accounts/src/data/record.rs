//! Records: rows of one system table as a struct. [`record!`] writes the struct and what ties it to its columns.

use bistro_schema::Value;

/// A row of a system table.
pub trait Record: Sized + Send + 'static {
    /// The type in the system schema.
    const TYPE: &'static str;
    /// The columns, in the order of the struct.
    const COLUMNS: &'static [&'static str];
    /// From the columns' values, in that order; `None` if one is of another kind.
    fn read(row: Vec<Value>) -> Option<Self>;
    /// The columns' values, in that order.
    fn into_row(self) -> Vec<Value>;
}

/// Declares a struct whose fields are the columns of a type in the system schema.
macro_rules! record {
    ($(#[$about:meta])* $type:literal $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $name { $($(#[$field_about])* pub $field: $kind,)* }

        impl $crate::data::Record for $name {
            const TYPE: &'static str = $type;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn read(row: Vec<bistro_schema::Value>) -> Option<Self> {
                let mut row = row.into_iter();
                Some(Self { $($field: $crate::data::Column::take(row.next()?)?,)* })
            }

            fn into_row(self) -> Vec<bistro_schema::Value> {
                vec![$($crate::data::Column::give(self.$field)),*]
            }
        }
    };
}

pub(crate) use record;
