//! `bistro advise`.

use crate::cli::Advise;
use crate::control::Ask;
use crate::error::Failure;
use crate::offline;
use crate::project::Project;
use crate::terminal;

/// Asks the running server what its operations cost and which indexes would help.
pub(crate) fn advise(project: &Project, args: &Advise) -> Result<(), Failure> {
    let ask = Ask::Advise { calls: args.calls, json: args.json };
    match offline::ask(project, &ask, |_, _| {})? {
        Some(text) => {
            terminal::out(text.trim_end());
            terminal::out("\n");
            Ok(())
        }
        None => Err(Failure::Usage(
            "no server runs on this folder, and only a running one knows what its operations cost; start it with \
             bistro serve, let it work, then ask again"
                .into(),
        )),
    }
}
