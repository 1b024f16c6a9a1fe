//! Exact decimals: a 128-bit integer and the number of its digits that stand after the point.
//!
//! No operation panics: what does not fit answers `None` or an error. Scales above [`Decimal::SCALE_MAX`] are never
//! produced; a hand-made one is read as that scale.

use std::cmp::Ordering;

/// An exact decimal: `mantissa / 10^scale`. Equality and hash are of the representation (`1.0` is not `1.00`);
/// [`Decimal::compare`] compares values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits, with the sign.
    pub mantissa: i128,
    /// How many of the digits stand after the point; at most [`Decimal::SCALE_MAX`].
    pub scale: u8,
}

/// Why a text is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is not written as a number.
    #[error("not a decimal number")]
    Syntax,
    /// The number needs more than 38 digits.
    #[error("the number has more than 38 digits")]
    OutOfRange,
}

impl Decimal {
    /// The most digits after the point that a value can have.
    pub const SCALE_MAX: u8 = 38;

    /// Zero without digits after the point.
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// A whole number.
    pub const fn from_int(value: i64) -> Decimal {
        Decimal { mantissa: value as i128, scale: 0 }
    }

    /// Reads a number with the scale that its text has: sign, digits, point (leading or trailing too), exponent.
    /// Spaces are not skipped. Digits after the 38th are rounded away, half away from zero.
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        let number = Number::scan(text)?;
        let wanted = number.scale.clamp(0, i64::from(Self::SCALE_MAX));
        let room = 38 - number.whole_digits().max(0);
        if room < 0 {
            return Err(DecimalError::OutOfRange);
        }
        number.at_scale(wanted.min(room))
    }

    /// Reads a number and rounds it once to exactly `scale` digits after the point, half away from zero.
    pub fn parse_at(text: &str, scale: u8) -> Result<Decimal, DecimalError> {
        Number::scan(text)?.at_scale(i64::from(scale.min(Self::SCALE_MAX)))
    }

    /// The value with `scale` digits after the point, rounded half away from zero; `None` if it needs too many digits.
    pub fn rescale(self, scale: u8) -> Option<Decimal> {
        let (from, scale) = (self.scale.min(Self::SCALE_MAX), scale.min(Self::SCALE_MAX));
        let mantissa = if scale >= from {
            self.mantissa.checked_mul(power(scale - from))?
        } else {
            let unit = power(from - scale);
            let (whole, rest) = (self.mantissa / unit, self.mantissa % unit);
            if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) {
                whole + self.mantissa.signum()
            } else {
                whole
            }
        };
        Some(Decimal { mantissa, scale })
    }

    /// Whether the value, rounded to `scale`, has at most `precision` digits in all.
    pub fn fits(self, precision: u8, scale: u8) -> bool {
        let limit = power(precision.min(38)).unsigned_abs();
        self.rescale(scale).is_some_and(|d| d.mantissa.unsigned_abs() < limit)
    }

    /// Orders two values whatever their scales.
    pub fn compare(self, other: Decimal) -> Ordering {
        if self.scale == other.scale {
            return self.mantissa.cmp(&other.mantissa);
        }
        let scale = self.scale.max(other.scale).min(Self::SCALE_MAX);
        let parts = |d: Decimal| {
            let own = d.scale.min(Self::SCALE_MAX);
            let unit = power(own);
            // The rest is below 10^own, so that it fits after widening to `scale`.
            (d.mantissa / unit, (d.mantissa % unit) * power(scale - own))
        };
        parts(self).cmp(&parts(other))
    }

    /// The sum at the larger scale; `None` if it needs too many digits.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.rescale(scale)?, other.rescale(scale)?);
        Some(Decimal { mantissa: a.mantissa.checked_add(b.mantissa)?, scale: a.scale })
    }

    /// The value without zeros at its end after the point: `1.500` becomes `1.5`, `2.0` becomes `2`.
    #[must_use]
    pub fn trimmed(self) -> Decimal {
        let mut d = self;
        while d.scale > 0 && d.mantissa % 10 == 0 {
            d.mantissa /= 10;
            d.scale -= 1;
        }
        d
    }

    /// Sixteen bytes whose bytewise order is the order of values of one scale.
    pub const fn to_sortable(self) -> [u8; 16] {
        (self.mantissa as u128 ^ (1 << 127)).to_be_bytes()
    }

    /// The value that [`Decimal::to_sortable`] encoded, given the scale that all values of the field share.
    pub const fn from_sortable(bytes: [u8; 16], scale: u8) -> Decimal {
        Decimal { mantissa: (u128::from_be_bytes(bytes) ^ (1 << 127)) as i128, scale }
    }

    /// The average of `count` values whose mantissas sum to `sum`, with as many digits as PostgreSQL gives: 16
    /// significant ones at least, as far as 38 digits allow. A `count` of 0 is read as 1.
    pub fn avg(sum: i128, scale: u8, count: u64) -> Decimal {
        let (count, scale) = (u128::from(count.max(1)), scale.min(Self::SCALE_MAX));
        let wanted = quotient_scale(sum.unsigned_abs(), scale, count);
        let (mut quotient, mut rest) = (sum.unsigned_abs() / count, sum.unsigned_abs() % count);
        let mut reached = scale;
        while reached < wanted {
            let next = quotient.checked_mul(10).and_then(|q| q.checked_add(rest * 10 / count));
            match next.filter(|q| *q < power(38).unsigned_abs()) {
                Some(q) => (quotient, rest, reached) = (q, rest * 10 % count, reached + 1),
                None => break,
            }
        }
        if rest * 2 >= count {
            quotient += 1;
        }
        let size = i128::try_from(quotient).unwrap_or(i128::MAX);
        Decimal { mantissa: if sum < 0 { -size } else { size }, scale: reached }
    }

    /// Appends the value with exactly its scale; `bare` leaves out zeros at the end after the point.
    pub fn write(self, out: &mut Vec<u8>, bare: bool) {
        let d = if bare { self.trimmed() } else { self };
        if d.mantissa < 0 {
            out.push(b'-');
        }
        let mut buffer = itoa::Buffer::new();
        let digits = match u64::try_from(d.mantissa.unsigned_abs()) {
            Ok(small) => buffer.format(small),
            Err(_) => buffer.format(d.mantissa.unsigned_abs()),
        };
        let (digits, scale) = (digits.as_bytes(), usize::from(d.scale));
        if scale == 0 {
            out.extend_from_slice(digits);
        } else if digits.len() > scale {
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            out.extend_from_slice(whole);
            out.push(b'.');
            out.extend_from_slice(fraction);
        } else {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + scale - digits.len(), b'0');
            out.extend_from_slice(digits);
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::with_capacity(48);
        self.write(&mut out, false);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// `10^exponent`, for exponents up to 38.
fn power(exponent: u8) -> i128 {
    10_i128.pow(u32::from(exponent.min(38)))
}

/// How many decimal digits a number has; 0 has none.
fn digit_count(value: u128) -> i64 {
    value.checked_ilog10().map_or(0, |log| i64::from(log) + 1)
}

/// The digits after the point of a quotient by PostgreSQL's rule, which counts in groups of four digits.
fn quotient_scale(mantissa: u128, scale: u8, count: u128) -> u8 {
    let ((left_weight, left_first), (right_weight, right_first)) =
        (first_group(mantissa, scale), first_group(count, 0));
    let weight = left_weight - right_weight - i64::from(left_first <= right_first);
    (16 - weight * 4).clamp(i64::from(scale), i64::from(Decimal::SCALE_MAX)) as u8
}

/// The place (0 is the group before the point) and the content of the first group of four digits that is not zero.
fn first_group(mantissa: u128, scale: u8) -> (i64, u128) {
    if mantissa == 0 {
        return (0, 0);
    }
    let weight = (digit_count(mantissa) - 1 - i64::from(scale)).div_euclid(4);
    let below = i64::from(scale) + 4 * weight;
    let unit = power(below.unsigned_abs().min(38) as u8).unsigned_abs();
    (weight, if below >= 0 { mantissa / unit } else { mantissa * unit })
}

/// The parts of a number's text.
struct Number<'a> {
    negative: bool,
    /// Digits before and after the point, without leading zeros in `before`.
    before: &'a [u8],
    after: &'a [u8],
    /// Digits after the point once the exponent is applied; may be negative or huge.
    scale: i64,
}

impl<'a> Number<'a> {
    fn scan(text: &'a str) -> Result<Self, DecimalError> {
        let bytes = text.as_bytes();
        let (negative, rest) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (before, rest) = split_digits(rest);
        let (after, rest) = match rest {
            [b'.', rest @ ..] => split_digits(rest),
            rest => (&rest[..0], rest),
        };
        if before.is_empty() && after.is_empty() {
            return Err(DecimalError::Syntax);
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => scan_exponent(rest)?,
            _ => return Err(DecimalError::Syntax),
        };
        let zeros = before.iter().take_while(|b| **b == b'0').count();
        Ok(Self { negative, before: &before[zeros..], after, scale: after.len() as i64 - exponent })
    }

    fn len(&self) -> i64 {
        (self.before.len() + self.after.len()) as i64
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.before.iter().chain(self.after).map(|b| b - b'0')
    }

    /// How many digits stand before the point; negative for zeros right after it; far below for zero itself.
    fn whole_digits(&self) -> i64 {
        let zeros = self.digits().take_while(|d| *d == 0).count() as i64;
        if zeros == self.len() { i64::MIN / 2 } else { self.len() - zeros - self.scale }
    }

    fn at_scale(&self, scale: i64) -> Result<Decimal, DecimalError> {
        let printed = scale as u8;
        let significant = self.whole_digits() + scale;
        if significant < 0 {
            return Ok(Decimal { mantissa: 0, scale: printed });
        }
        if significant > 38 {
            return Err(DecimalError::OutOfRange);
        }
        let mut digits = self.digits().skip_while(|d| *d == 0);
        let size = (0..significant).fold(0_i128, |m, _| m * 10 + i128::from(digits.next().unwrap_or(0)));
        let size = size + i128::from(digits.next().unwrap_or(0) >= 5);
        Ok(Decimal { mantissa: if self.negative { -size } else { size }, scale: printed })
    }
}

fn split_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().take_while(|b| b.is_ascii_digit()).count())
}

/// Reads an exponent; what is beyond any use saturates.
fn scan_exponent(bytes: &[u8]) -> Result<i64, DecimalError> {
    let (sign, bytes) = match bytes {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    match split_digits(bytes) {
        ([], _) => Err(DecimalError::Syntax),
        (digits, []) => {
            Ok(sign * digits.iter().fold(0_i64, |e, b| (e * 10 + i64::from(b - b'0')).min(1_000_000_000)))
        }
        _ => Err(DecimalError::Syntax),
    }
}

#[cfg(test)]
mod tests;
