//! Why an operation is refused before anything runs.

use bistro_problem::{Code, Problem};

/// Why an operation has no authorised form. Hidden and unknown answer alike.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// The type does not exist for the caller.
    #[error("Could not find the table 'public.{collection}' in the schema cache")]
    UnknownTable {
        /// The collection.
        collection: String,
    },
    /// The type exists, and no rule lets the caller try the action, or give the field.
    #[error("permission denied for table {collection}")]
    Forbidden {
        /// The collection.
        collection: String,
    },
    /// A row of the account type is created, which signing up does.
    #[error("permission denied for table {collection}")]
    SignUp {
        /// The collection.
        collection: String,
    },
    /// A field that is given can be read but not written.
    #[error("permission denied for table {collection}")]
    ReadOnly {
        /// The collection.
        collection: String,
        /// The field.
        field: String,
    },
    /// A field that is read does not exist for the caller.
    #[error("column {collection}.{field} does not exist")]
    UnknownColumn {
        /// The collection.
        collection: String,
        /// The field.
        field: String,
    },
    /// A field that is written does not exist for the caller.
    #[error("Could not find the '{field}' column of '{collection}' in the schema cache")]
    UnknownWriteColumn {
        /// The collection.
        collection: String,
        /// The field.
        field: String,
    },
    /// A computed field is written.
    #[error("cannot insert a non-DEFAULT value into column \"{field}\"")]
    Generated {
        /// The field.
        field: String,
    },
    /// A relation does not exist for the caller.
    #[error("Could not find a relationship between '{collection}' and '{relation}' in the schema cache")]
    UnknownRelation {
        /// The collection.
        collection: String,
        /// The relation.
        relation: String,
    },
    /// The operation does not hold together: a mistake of a surface.
    #[error("malformed operation: {0}")]
    Malformed(&'static str),
}

impl AuthorizeError {
    /// The problem that a caller reads.
    pub fn problem(&self) -> Problem {
        let code = match self {
            AuthorizeError::UnknownTable { .. } => Code::UnknownTable,
            AuthorizeError::Forbidden { .. }
            | AuthorizeError::SignUp { .. }
            | AuthorizeError::ReadOnly { .. } => Code::Forbidden,
            AuthorizeError::UnknownColumn { .. } => Code::UnknownColumn,
            AuthorizeError::UnknownWriteColumn { .. } => Code::UnknownWriteColumn,
            AuthorizeError::Generated { .. } => Code::GeneratedColumn,
            AuthorizeError::UnknownRelation { .. } => Code::NoRelationship,
            AuthorizeError::Malformed(_) => return Problem::bug(self.to_string()),
        };
        let problem = Problem::new(code, self.to_string());
        match self {
            AuthorizeError::Generated { field } => {
                problem.details(format!("Column \"{field}\" is a generated column."))
            }
            AuthorizeError::ReadOnly { field, .. } => {
                problem.details(format!("The column \"{field}\" is not yours to write."))
            }
            AuthorizeError::SignUp { .. } => problem.hint(SIGN_UP),
            _ => problem,
        }
    }
}

/// What to do instead of creating a row of the account type.
const SIGN_UP: &str = "Accounts are made by signing up: POST /auth/v1/signup.";

impl From<AuthorizeError> for Problem {
    fn from(error: AuthorizeError) -> Problem {
        error.problem()
    }
}
