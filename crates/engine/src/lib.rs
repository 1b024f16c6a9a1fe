//! The one door to data: authorise, plan, execute, publish.
