//! Real clients against the built binary; each step installs what it needs by package name.

use super::step::Step;

/// The steps, in order.
pub(crate) fn steps() -> Vec<Step> {
    Vec::new()
}
