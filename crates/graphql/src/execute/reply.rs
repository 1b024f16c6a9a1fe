//! A reply while its root fields come: `{"data":{…},"errors":[…]}`.

use bistro_problem::Problem;

use crate::failure::Failure;
use crate::plan::{Root, Work};
use crate::render::{Caps, State, Writer};

/// A finished reply.
pub(crate) struct Reply {
    pub(crate) body: Vec<u8>,
    /// What its `errors` tell of, for the log and the status.
    pub(crate) failures: Vec<Failure>,
    /// Whether it has data: nothing ran where it has not.
    pub(crate) ran: bool,
}

impl Reply {
    /// The reply to a request that is not run: errors alone.
    pub(crate) fn refused(failures: Vec<Failure>) -> Self {
        let mut body = Vec::with_capacity(256);
        body.push(b'{');
        write_errors(&failures, &mut body);
        body.push(b'}');
        Self { body, failures, ran: false }
    }

    /// The problem that the log should tell of: a fault of ours before a caller's mistake.
    pub(crate) fn gravest(&self) -> Option<Problem> {
        let grave = |failure: &&Failure| failure.problem.status >= 500;
        let failure = self.failures.iter().find(grave).or(self.failures.first())?;
        Some((*failure.problem).clone())
    }
}

/// The root fields so far.
pub(crate) struct Body {
    pub(crate) writer: Writer,
    failures: Vec<Failure>,
    fields: usize,
}

impl Body {
    pub(crate) fn new(caps: Caps, capacity: usize) -> Self {
        let mut writer = Writer::new(caps, capacity);
        writer.raw(b"{\"data\":{");
        Self { writer, failures: Vec::new(), fields: 0 }
    }

    /// Room for the next root field; where it fails, the reply goes back to here.
    pub(crate) fn field(&mut self) -> State {
        if self.fields > 0 {
            self.writer.raw(b",");
        }
        self.fields += 1;
        self.writer.mark()
    }

    /// Takes a root field back that was begun, to run it otherwise.
    pub(crate) fn take_back(&mut self, state: State) {
        self.writer.back_to(state);
    }

    /// The root field is null, because of a problem that is its own.
    pub(crate) fn failed(&mut self, state: State, root: &Root, problem: Problem) {
        self.writer.back_to(state);
        self.null(root);
        self.failures.push(Failure::at(problem, root.place).of(&root.key));
    }

    /// The root field is what another writer wrote.
    pub(crate) fn add(&mut self, state: State, root: &Root, written: Result<Writer, Problem>) {
        if let Err(problem) = written.and_then(|written| self.writer.append(written)) {
            self.failed(state, root, problem);
        }
    }

    /// All root fields that run are null, because of the one with this index, or of what came after all.
    pub(crate) fn nothing(&mut self, start: State, roots: &[Root], index: usize, problem: Problem) {
        self.writer.back_to(start);
        for (n, root) in roots.iter().enumerate() {
            if n > 0 {
                self.writer.raw(b",");
            }
            match &root.work {
                // It has a value that nothing can take away: `__typename`.
                Work::Known(bytes) => self.writer.raw(bytes),
                _ => self.null(root),
            }
        }
        self.failures.push(match roots.get(index) {
            Some(root) => Failure::at(problem, root.place).of(&root.key),
            None => problem.into(),
        });
    }

    fn null(&mut self, root: &Root) {
        self.writer.raw(format!("\"{}\":null", root.key).as_bytes());
    }

    pub(crate) fn finish(self) -> Reply {
        let mut body = self.writer.finish();
        body.push(b'}');
        if !self.failures.is_empty() {
            body.push(b',');
            write_errors(&self.failures, &mut body);
        }
        body.push(b'}');
        Reply { body, failures: self.failures, ran: true }
    }
}

fn write_errors(failures: &[Failure], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"errors\":[");
    for (n, failure) in failures.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        out.extend_from_slice(failure.json().to_string().as_bytes());
    }
    out.push(b']');
}
