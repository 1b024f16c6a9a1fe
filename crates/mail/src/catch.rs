//! Mails that go nowhere: the development server shows them on a page.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::mail::{Mail, MailError, Mailer};

/// How many mails are kept.
const KEPT: usize = 200;

/// A mail that was caught.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Counts up from 1.
    pub number: u64,
    /// The mail.
    pub mail: Mail,
}

/// Keeps the last mails.
#[derive(Debug, Default)]
pub struct Catch {
    kept: Mutex<(u64, VecDeque<Caught>)>,
}

impl Catch {
    /// One without mails.
    pub fn new() -> Self {
        Self::default()
    }

    /// The mails, newest first.
    pub fn all(&self) -> Vec<Caught> {
        self.lock().1.iter().rev().cloned().collect()
    }

    /// The mail of a number.
    pub fn get(&self, number: u64) -> Option<Caught> {
        self.lock().1.iter().find(|caught| caught.number == number).cloned()
    }

    /// The newest mail to an address.
    pub fn last_to(&self, address: &str) -> Option<Mail> {
        self.lock().1.iter().rev().find(|caught| caught.mail.to == address).map(|caught| caught.mail.clone())
    }

    /// Throws all away.
    pub fn clear(&self) {
        self.lock().1.clear();
    }

    fn lock(&self) -> MutexGuard<'_, (u64, VecDeque<Caught>)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for Catch {
    fn send(&self, mail: Mail) -> Result<(), MailError> {
        let mut kept = self.lock();
        kept.0 += 1;
        let number = kept.0;
        if kept.1.len() == KEPT {
            kept.1.pop_front();
        }
        kept.1.push_back(Caught { number, mail });
        Ok(())
    }
}
