//! Values that rows keep until they are printed: those of their cursors and of their global ids.

use bistro_schema::ValueRef;
use bistro_schema::text::write_plain;

use super::shape::{Print, Slot};
use super::value::write_value;
use crate::compile::{cursor, global_id};

/// The kept values of all open rows, outermost first.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// A JSON array a row.
    cursors: Vec<u8>,
    /// A plain text and a NUL for each value.
    keys: Vec<u8>,
    /// A global id while it is made.
    text: Vec<u8>,
}

/// How much was kept at some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Until {
    pub(super) cursors: usize,
    pub(super) keys: usize,
}

impl Kept {
    pub(super) fn until(&self) -> Until {
        Until { cursors: self.cursors.len(), keys: self.keys.len() }
    }

    pub(super) fn back_to(&mut self, until: Until) {
        self.cursors.truncate(until.cursors);
        self.keys.truncate(until.keys);
    }

    /// Keeps a value of the row whose values start at `from`.
    pub(super) fn push(&mut self, from: Until, slot: Slot, print: Print, value: ValueRef<'_>) {
        match slot {
            Slot::Cursor => {
                let first = self.cursors.len() == from.cursors;
                if !first {
                    self.cursors.pop();
                }
                self.cursors.push(if first { b'[' } else { b',' });
                write_value(value, print, &mut self.cursors);
                self.cursors.push(b']');
            }
            Slot::Key => {
                write_plain(value, &mut self.keys);
                self.keys.push(0);
            }
        }
    }

    /// Appends the cursor of the values between two places, a JSON string.
    pub(super) fn write_cursor(&self, signature: u32, (from, to): (usize, usize), out: &mut Vec<u8>) {
        out.push(b'"');
        cursor::append(signature, &self.cursors[from..to], out);
        out.push(b'"');
    }

    /// Appends the global id of the row whose values start at `from`, a JSON string.
    pub(super) fn write_id(&mut self, type_name: &str, from: Until, out: &mut Vec<u8>) {
        let parts = self.keys[from.keys..].split_inclusive(|byte| *byte == 0);
        let parts = parts.map(|part| &part[..part.len() - 1]);
        out.push(b'"');
        global_id::append(type_name, parts, &mut self.text, out);
        out.push(b'"');
    }
}
