//! How often something may happen: GCRA, the generic cell rate algorithm, over one number a key.
//!
//! The number is the time at which the key would have all of its allowance back. Each event moves it on by the time that
//! one event takes up; an event that would move it further ahead than a whole period is refused. One function serves the
//! node's own memory and the records that nodes share, so both judge alike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// So many events in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    count: u32,
    period_s: u32,
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRate;

const UNITS: [(&str, u32); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400)];

impl Rate {
    /// So many events a minute.
    pub const fn a_minute(count: u32) -> Self {
        Self { count, period_s: 60 }
    }

    /// So many events an hour.
    pub const fn an_hour(count: u32) -> Self {
        Self { count, period_s: 3_600 }
    }

    /// One event in so many seconds, at least one.
    pub const fn one_in(seconds: u32) -> Self {
        Self { count: 1, period_s: if seconds > 0 { seconds } else { 1 } }
    }

    /// So many times as many events.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self { count: self.count.saturating_mul(factor), ..self }
    }

    /// How many events may happen at one moment.
    pub(super) const fn at_once(self) -> u32 {
        self.count
    }

    /// The period, in microseconds.
    const fn period(self) -> i64 {
        self.period_s as i64 * 1_000_000
    }

    /// What one event takes up, in microseconds.
    const fn step(self) -> i64 {
        let step = self.period() / self.count as i64;
        if step > 0 { step } else { 1 }
    }

    /// Counts an event at `now`, where the key's number is `full`; answers its next number.
    ///
    /// # Errors
    /// The microseconds to wait, if there were too many.
    pub fn count(self, full: Option<i64>, now: i64) -> Result<i64, i64> {
        let start = self.sound(full, now);
        let next = start + self.step();
        match next - now - self.period() {
            early if early > 0 => Err(early),
            _ => Ok(next),
        }
    }

    /// The key's number as if one event had not happened.
    pub fn take_back(self, full: i64) -> i64 {
        full.saturating_sub(self.step())
    }

    /// No number is further ahead than a period, unless the clock was put back. By less than a period, as clocks of nodes differ:
    /// it counts as a whole period. By more: it says nothing, and would be in the way until the clock is there again.
    fn sound(self, full: Option<i64>, now: i64) -> i64 {
        match full {
            Some(full) if full <= now.saturating_add(2 * self.period()) => {
                full.clamp(now, now.saturating_add(self.period()))
            }
            _ => now,
        }
    }
}

impl FromStr for Rate {
    type Err = NoRate;

    /// Reads `10/min`; units are `s`, `min`, `h` and `day`.
    fn from_str(text: &str) -> Result<Self, NoRate> {
        let (count, unit) = text.split_once('/').ok_or(NoRate)?;
        let count = count.trim().parse().ok().filter(|count| *count > 0).ok_or(NoRate)?;
        let unit = UNITS.iter().find(|(name, _)| *name == unit.trim());
        unit.map(|(_, period_s)| Self { count, period_s: *period_s }).ok_or(NoRate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, period_s)| *period_s == self.period_s);
        write!(f, "{}/{}", self.count, unit.map_or("s", |(name, _)| name))
    }
}

impl fmt::Display for NoRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rate is written like 10/min, with s, min, h or day")
    }
}

impl TryFrom<String> for Rate {
    type Error = NoRate;

    fn try_from(text: String) -> Result<Self, NoRate> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{NoRate, Rate};

    const SECOND: i64 = 1_000_000;

    #[test]
    fn rates_are_read_and_written() {
        for text in ["10/min", "5/h", "1/s", "3/day"] {
            assert_eq!(text.parse::<Rate>().map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "10", "0/min", "-1/min", "10/week", "/min", "99999999999/s"] {
            assert_eq!(text.parse::<Rate>(), Err(NoRate), "{text}");
        }
    }

    /// Counts events at these seconds; answers for each whether it passed, or how many seconds to wait.
    fn run(rate: Rate, at: &[i64]) -> Vec<Result<(), i64>> {
        let mut full = None;
        let mut one = |at: &i64| match rate.count(full, at * SECOND) {
            Ok(next) => {
                full = Some(next);
                Ok(())
            }
            Err(wait) => Err(wait.div_euclid(SECOND)),
        };
        at.iter().map(&mut one).collect()
    }

    #[test]
    fn events_are_let_through_as_often_as_the_rate_says() {
        let check = |rate: &str, at: &[i64], expected: &[Result<(), i64>]| {
            assert_eq!(run(rate.parse().unwrap(), at), expected, "{rate} {at:?}");
        };
        check("1/min", &[0, 0, 59, 60, 61], &[Ok(()), Err(60), Err(1), Ok(()), Err(59)]);
        check("3/min", &[0, 0, 0, 0, 20, 20], &[Ok(()), Ok(()), Ok(()), Err(20), Ok(()), Err(20)]);
        // What was refused does not count.
        check("1/min", &[0, 30, 45, 60], &[Ok(()), Err(30), Err(15), Ok(())]);
        // A clock that is put back a day makes nobody wait for a day.
        check("1/min", &[86_400, 0, 59, 60], &[Ok(()), Ok(()), Err(1), Ok(())]);
        // Nor are there more events because two clocks differ.
        check("1/min", &[10, 0, 10, 0, 70], &[Ok(()), Err(60), Err(60), Err(60), Ok(())]);
        check("4294967295/s", &[0, 0, 0], &[Ok(()), Ok(()), Ok(())]);
    }

    #[test]
    fn an_event_can_be_taken_back() {
        let rate = Rate::a_minute(1);
        let full = rate.count(None, 0).unwrap();
        assert!(rate.count(Some(full), 0).is_err());
        assert_eq!(rate.count(Some(rate.take_back(full)), 0), Ok(full));
    }
}
