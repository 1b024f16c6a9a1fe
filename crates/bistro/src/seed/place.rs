//! Where a row stands, for messages.

use crate::error::Failure;

/// A file and a line in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the file.
    pub(super) file: usize,
    /// The line, from 1.
    pub(super) line: usize,
}

/// A mistake at a line of a file that is being read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong.
    pub(super) message: String,
}

impl Mistake {
    /// A mistake at a line.
    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }

    /// The same with the file's name.
    pub(super) fn in_file(self, file: &str) -> Failure {
        Failure::Seed { file: file.to_owned(), line: self.line, message: self.message }
    }
}

/// Counts lines while places only move forward.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    /// At the start of a text.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of a byte at or after the last one that was asked for.
    pub(super) fn of(&mut self, at: usize) -> usize {
        let at = at.clamp(self.at, self.text.len());
        self.line += self.text.as_bytes()[self.at..at].iter().filter(|b| **b == b'\n').count();
        self.at = at;
        self.line
    }
}
