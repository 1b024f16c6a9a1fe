//! `bistro explain`.

use std::path::Path;

use crate::cli::Explain;
use crate::control::Ask;
use crate::error::Failure;
use crate::explain::{self, Question};
use crate::offline::{self, Aside, Offline};
use crate::project::Project;
use crate::terminal;

/// Explains a request against the running server's schema, or the file's.
pub(crate) async fn explain(project: Project, args: &Explain) -> Result<(), Failure> {
    let body = args.body.as_deref().map(body).transpose()?;
    let question = Question { request: args.request.clone(), body, caller: args.caller.clone() };
    let ask = Ask::Explain {
        request: question.request.clone(),
        body: question.body.clone(),
        caller: question.caller.clone(),
    };
    if let Some(text) = offline::ask(&project, &ask, |_, _| {})? {
        terminal::out(&text);
        return Ok(());
    }
    let text = if project.has_database() {
        on(&project, &question).await?
    } else {
        on(&Aside::new(&project).project, &question).await?
    };
    terminal::out(&text);
    Ok(())
}

async fn on(project: &Project, question: &Question) -> Result<String, Failure> {
    let offline = Offline::open(project).await?;
    let text = explain::explain(project, &offline.engine, false, question).await;
    offline.close();
    text
}

/// The text of `--body`: itself, or a file's.
fn body(text: &str) -> Result<String, Failure> {
    match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(Failure::file("read", Path::new(file))),
        None => Ok(text.to_owned()),
    }
}
