//! Days, times and instants: civil-date arithmetic, readers of ISO 8601 / RFC 3339 text, and fast writers.
//!
//! Dates are days since 1970-01-01, times microseconds since midnight, instants microseconds since
//! 1970-01-01T00:00:00Z, all in the proleptic Gregorian calendar. Readers accept the years 0001–9999 and nothing that
//! depends on a clock or a locale.

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub const DAY: i64 = 86_400 * SECOND;
/// 0001-01-01.
pub const DATE_MIN: i32 = -719_162;
/// 9999-12-31.
pub const DATE_MAX: i32 = 2_932_896;

/// Why a text is no date, time or instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateTimeError {
    /// The text has another form (SQLSTATE 22007).
    #[error("not an ISO 8601 date or time")]
    Syntax,
    /// The form is right, but there is no such day or time, or its year is not in 0001–9999 (SQLSTATE 22008).
    #[error("no such date or time")]
    Range,
}

/// The day number of a date of the calendar; the month is taken as it is, so check it first.
pub const fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    // Years start in March here, so that the leap day is a year's last.
    let shifted = if month <= 2 { year as i64 - 1 } else { year as i64 };
    let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let month = if month > 2 { month as i64 - 3 } else { month as i64 + 9 };
    let day_of_year = (153 * month + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) as i32
}

/// Year, month and day of a day number.
pub const fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let shifted = days as i64 + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = if month < 10 { month + 3 } else { month - 9 } as u32;
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year as i32, month, day)
}

/// How many days a month of a year has; 0 for a month that is not.
pub const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

/// Reads `YYYY-MM-DD`. A whole instant is read too, and its date taken as written.
pub fn parse_date(text: &str) -> Result<i32, DateTimeError> {
    let mut cursor = Cursor(text.as_bytes());
    let day = cursor.date()?;
    if cursor.separator() {
        cursor.time()?;
        cursor.zone()?;
    }
    cursor.end(day)
}

/// Reads `HH:MM[:SS[.fraction]]` into microseconds since midnight.
pub fn parse_time(text: &str) -> Result<i64, DateTimeError> {
    let mut cursor = Cursor(text.as_bytes());
    let micros = cursor.time()?;
    let micros = cursor.end(micros)?;
    if micros < DAY { Ok(micros) } else { Err(DateTimeError::Range) }
}

/// Reads a date, and a time and a zone if they follow, into microseconds since the epoch. Without a time it is
/// midnight, without a zone UTC.
pub fn parse_datetime(text: &str) -> Result<i64, DateTimeError> {
    let mut cursor = Cursor(text.as_bytes());
    let day = i64::from(cursor.date()?);
    let (mut time, mut offset) = (0, 0);
    if cursor.separator() {
        time = cursor.time()?;
        offset = cursor.zone()?;
    }
    let micros = cursor.end(day * DAY + time - offset)?;
    let range = i64::from(DATE_MIN) * DAY..(i64::from(DATE_MAX) + 1) * DAY;
    if range.contains(&micros) { Ok(micros) } else { Err(DateTimeError::Range) }
}

/// What is left of a text to read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Takes a byte if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    /// Takes a byte or fails.
    fn expect(&mut self, byte: u8) -> Result<(), DateTimeError> {
        if self.take(byte) { Ok(()) } else { Err(DateTimeError::Syntax) }
    }

    /// Takes exactly `count` digits.
    fn number(&mut self, count: usize) -> Result<u32, DateTimeError> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(DateTimeError::Syntax)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(DateTimeError::Syntax);
        }
        self.0 = rest;
        Ok(digits.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
    }

    fn date(&mut self) -> Result<i32, DateTimeError> {
        let year = self.number(4)? as i32;
        self.expect(b'-')?;
        let month = self.number(2)?;
        self.expect(b'-')?;
        let day = self.number(2)?;
        if year == 0 || day == 0 || day > days_in_month(year, month) {
            return Err(DateTimeError::Range);
        }
        Ok(days_from_civil(year, month, day))
    }

    /// Takes what stands between a date and a time.
    fn separator(&mut self) -> bool {
        self.take(b'T') || self.take(b't') || self.take(b' ')
    }

    /// A time up to and including 24:00:00; a second of 60 is the next minute's first.
    fn time(&mut self) -> Result<i64, DateTimeError> {
        let hour = self.number(2)?;
        self.expect(b':')?;
        let minute = self.number(2)?;
        let (mut second, mut micros) = (0, 0);
        if self.take(b':') {
            second = self.number(2)?;
            if self.take(b'.') || self.take(b',') {
                micros = self.fraction()?;
            }
        }
        let total = (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * SECOND + micros;
        if hour > 24 || minute > 59 || second > 60 || total > DAY {
            return Err(DateTimeError::Range);
        }
        Ok(total)
    }

    /// Any number of digits, rounded to microseconds.
    fn fraction(&mut self) -> Result<i64, DateTimeError> {
        let count = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return Err(DateTimeError::Syntax);
        }
        let digit = |at: usize| if at < count { i64::from(self.0[at] - b'0') } else { 0 };
        let micros = (0..6).fold(0, |n, at| n * 10 + digit(at)) + i64::from(digit(6) >= 5);
        self.0 = &self.0[count..];
        Ok(micros)
    }

    /// A zone's distance from UTC in microseconds; none is UTC.
    fn zone(&mut self) -> Result<i64, DateTimeError> {
        if self.0.is_empty() || self.take(b'Z') || self.take(b'z') {
            return Ok(0);
        }
        let sign = match (self.take(b'+'), self.take(b'-')) {
            (true, false) => 1,
            (false, true) => -1,
            _ => return Err(DateTimeError::Syntax),
        };
        let hours = self.number(2)?;
        let minutes = if self.take(b':') || !self.0.is_empty() { self.number(2)? } else { 0 };
        if hours > 15 || minutes > 59 {
            return Err(DateTimeError::Range);
        }
        Ok(sign * (i64::from(hours) * 60 + i64::from(minutes)) * 60 * SECOND)
    }

    fn end<T>(&self, value: T) -> Result<T, DateTimeError> {
        if self.0.is_empty() { Ok(value) } else { Err(DateTimeError::Syntax) }
    }
}

/// Appends `YYYY-MM-DD`.
pub fn write_date(out: &mut Vec<u8>, days: i32) {
    let (year, month, day) = civil_from_days(days);
    if !(0..=9999).contains(&year) {
        // No reader makes such a year; print it whole rather than wrongly.
        out.extend_from_slice(itoa::Buffer::new().format(year).as_bytes());
    } else {
        out.extend_from_slice(&pair(year as u32 / 100));
        out.extend_from_slice(&pair(year as u32 % 100));
    }
    let ([m1, m2], [d1, d2]) = (pair(month), pair(day));
    out.extend_from_slice(&[b'-', m1, m2, b'-', d1, d2]);
}

/// Appends `HH:MM:SS`, and `.ffffff` without zeros at its end if the fraction is not zero.
pub fn write_time(out: &mut Vec<u8>, micros: i64) {
    // A stored time is below a day (or a day, as PostgreSQL's 24:00:00); wrapping keeps two digits in any case.
    let micros = if micros == DAY { DAY } else { micros.rem_euclid(DAY) } as u64;
    let (seconds, fraction) = ((micros / 1_000_000) as u32, (micros % 1_000_000) as u32);
    let ([h1, h2], [m1, m2], [s1, s2]) = (pair(seconds / 3600), pair(seconds / 60 % 60), pair(seconds % 60));
    out.extend_from_slice(&[h1, h2, b':', m1, m2, b':', s1, s2]);
    if fraction != 0 {
        let ([a, b], [c, d], [e, f]) =
            (pair(fraction / 10_000), pair(fraction / 100 % 100), pair(fraction % 100));
        let text = [b'.', a, b, c, d, e, f];
        let zeros = text.iter().rev().take_while(|b| **b == b'0').count();
        out.extend_from_slice(&text[..text.len() - zeros]);
    }
}

/// Appends `2024-01-31T10:00:00[.ffffff]+00:00`, as PostgreSQL's JSON prints an instant.
pub fn write_datetime(out: &mut Vec<u8>, micros: i64) {
    write_local(out, micros);
    out.extend_from_slice(b"+00:00");
}

/// Appends `2024-01-31T10:00:00[.ffffff]Z`.
pub fn write_datetime_z(out: &mut Vec<u8>, micros: i64) {
    write_local(out, micros);
    out.push(b'Z');
}

fn write_local(out: &mut Vec<u8>, micros: i64) {
    out.reserve(32);
    // The day number of any 64-bit instant fits: 2^63 µs are less than 2^27 days.
    write_date(out, micros.div_euclid(DAY) as i32);
    out.push(b'T');
    write_time(out, micros.rem_euclid(DAY));
}

/// Two digits of a number below 100.
const fn pair(n: u32) -> [u8; 2] {
    [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8]
}

#[cfg(test)]
mod tests;
