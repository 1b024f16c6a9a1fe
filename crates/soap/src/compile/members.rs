//! The members of an element, each asked for by its name: what nobody asks for is refused, as is what comes too often.

use bistro_problem::Problem;

use super::place::inside;
use crate::envelope::{Element, misplaced, shown};

/// The elements in an element, with those that were asked for.
pub(crate) struct Members<'e, 'x> {
    of: &'e Element<'x>,
    all: &'e [Element<'x>],
    known: Vec<&'static str>,
}

impl<'e, 'x> Members<'e, 'x> {
    pub(crate) fn of(element: &'e Element<'x>) -> Result<Self, Problem> {
        Ok(Self { of: element, all: element.members()?, known: Vec::new() })
    }

    /// All members of a name, in order.
    pub(crate) fn all(&mut self, name: &'static str) -> Vec<&'e Element<'x>> {
        self.known.push(name);
        self.all.iter().filter(|member| &*member.name == name).collect()
    }

    /// The member of a name, if it is there. A null is none.
    pub(crate) fn maybe(&mut self, name: &'static str) -> Result<Option<&'e Element<'x>>, Problem> {
        self.known.push(name);
        let mut found = self.all.iter().filter(|member| &*member.name == name);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(twice(name)),
            (None, None) => Ok(None),
            (Some(one), None) => {
                let nil = one.is_nil().map_err(|problem| inside(problem, name))?;
                Ok((!nil).then_some(one))
            }
        }
    }

    /// The member of a name.
    pub(crate) fn sure(&mut self, name: &'static str) -> Result<&'e Element<'x>, Problem> {
        let found = self.maybe(name)?;
        found.ok_or_else(|| misplaced(format!("{} wants an element {name}", self.of.name)))
    }

    /// Refuses members that were not asked for.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.all.iter().find(|member| !self.known.contains(&&*member.name)) {
            None => Ok(()),
            Some(other) => Err(unknown(&other.name, &self.of.name, &self.known)),
        }
    }
}

/// Refuses a second member of a name that may come once.
pub(crate) fn check_once(members: &[Element<'_>], n: usize) -> Result<(), Problem> {
    let name = &members[n].name;
    if members[..n].iter().any(|other| other.name == *name) { Err(twice(name)) } else { Ok(()) }
}

fn twice(name: &str) -> Problem {
    inside(misplaced(format!("{name} is there more than once")), name)
}

/// A member that is not known. The nearest of the known ones is named, which are all the caller's to see.
pub(crate) fn unknown<'k>(name: &str, of: &str, known: impl IntoIterator<Item = &'k &'k str>) -> Problem {
    let name = shown(name);
    let near = bistro_schema::names::nearest(&name, known.into_iter().copied());
    let problem = misplaced(format!("{of} has no element {name}"));
    let problem = problem.hint_opt(near.map(|near| format!("Did you mean {near}?")));
    inside(problem, &name)
}
