//! `bistro move`.

use crate::cli::Move;
use crate::error::Failure;
use crate::moving;
use crate::project::Project;

/// Moves the project's data into another database.
pub(crate) async fn move_(project: &Project, args: &Move) -> Result<(), Failure> {
    moving::run(project, args).await
}
