//! A SOAP envelope as a question: by itself, or as the request that carries it.

use std::sync::Arc;

use bistro_engine::Engine;
use bistro_schema::Roles;
use bistro_soap::{Described, Step};

use super::{Question, usage};
use crate::error::Failure;
use crate::project::Project;
use crate::soap;

/// The text of an envelope.
pub(super) struct Envelope<'q>(&'q str);

impl<'q> Envelope<'q> {
    /// The envelope of a question; `None` if it asks for something else.
    pub(super) fn of(question: &'q Question) -> Result<Option<Self>, Failure> {
        let request = question.request.trim();
        if request.starts_with('<') {
            return Ok(Some(Self(request)));
        }
        match request.split_once(' ') {
            Some((_, target)) if target.trim() == soap::PATH => {
                let body = question.body.as_deref();
                body.map(|body| Some(Self(body.trim()))).ok_or_else(|| usage("the envelope stands in --body"))
            }
            _ => Ok(None),
        }
    }

    /// The operations that it comes to.
    pub(super) fn steps(
        &self,
        project: &Project,
        engine: &Arc<Engine>,
        roles: Roles,
    ) -> Result<Vec<Step>, Failure> {
        let options = soap::options(&project.settings, "", true);
        let described = Described::new(engine.view(roles), true);
        Ok(described.steps(self.0, &options.about.namespace, &options.limits)?)
    }
}
