//! Where in an envelope a mistake is, as a path from the Body: `/CreatePosts/input[2]/title`.

use bistro_problem::Problem;

use crate::envelope::shown;

/// The same problem, which is inside the element with this name. Clients choose names, so long ones are cut.
pub(crate) fn inside(mut problem: Problem, name: &str) -> Problem {
    let within = problem.pointer.take().unwrap_or_default();
    problem.pointer(format!("/{}{within}", shown(name)))
}

/// The same for the n-th (from 0) of several elements with this name.
pub(crate) fn inside_nth(problem: Problem, name: &str, n: usize) -> Problem {
    inside(problem, &format!("{name}[{}]", n + 1))
}
