//! The server's binary decimals.

use bistro_schema::Decimal;
use bistro_store::StoreError;

use super::too_large;

/// Reads digits to the base of 10,000 with the place of the first, the sign and the digits shown after the point.
pub(crate) fn numeric(bytes: &[u8]) -> Result<Decimal, StoreError> {
    let Some((head, rest)) = bytes.split_first_chunk::<8>() else {
        return Err(StoreError::bug("a numeric column is too short"));
    };
    let half = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
    let (weight, sign, shown) = (i32::from(half(2) as i16), half(4), half(6));
    let negative = match sign {
        0 => false,
        0x4000 => true,
        _ => return Err(too_large()),
    };
    let digits = || rest.chunks_exact(2).map(|d| i128::from(u16::from_be_bytes([d[0], d[1]])));
    let size = match short(digits(), weight, shown) {
        Some(size) => size,
        None => return long(digits(), weight, shown, negative),
    };
    let mantissa = if negative { -size } else { size };
    Ok(Decimal { mantissa, scale: u8::try_from(shown).map_err(|_| too_large())? })
}

/// The digits as one integer, if it has room for them.
fn short(digits: impl ExactSizeIterator<Item = i128>, weight: i32, shown: u16) -> Option<i128> {
    if shown > u16::from(Decimal::SCALE_MAX) {
        return None;
    }
    let (count, mut size) = (digits.len(), 0_i128);
    // The power of ten of the last digit, counted from the last one shown.
    let least = 4 * (weight + 1 - i32::try_from(count).ok()?) + i32::from(shown);
    for (n, digit) in digits.enumerate() {
        if n + 1 < count || least >= 0 {
            size = size.checked_mul(10_000)?.checked_add(digit)?;
            continue;
        }
        // Of the last digit some places are not shown: they are zero.
        let hidden = u32::try_from(-least).ok().filter(|h| *h < 4)?;
        size = size.checked_mul(10_i128.pow(4 - hidden))?.checked_add(digit / 10_i128.pow(hidden))?;
    }
    match u32::try_from(least) {
        Ok(zeros) if size != 0 => size.checked_mul(10_i128.checked_pow(zeros)?),
        _ => Some(size),
    }
}

/// Numbers with more digits than are served are rounded; whole ones that long are refused.
fn long(
    digits: impl Iterator<Item = i128>,
    weight: i32,
    shown: u16,
    negative: bool,
) -> Result<Decimal, StoreError> {
    let mut text = String::from(if negative { "-0" } else { "0" });
    let mut place = weight;
    if weight < 0 {
        text.push('.');
        (weight + 1..0).for_each(|_| text.push_str("0000"));
    }
    for digit in digits {
        if place == -1 && weight >= 0 {
            text.push('.');
        }
        text.push_str(&format!("{digit:04}"));
        place -= 1;
    }
    (0..=place).for_each(|_| text.push_str("0000"));
    let parsed = Decimal::parse(&text).map_err(|_| too_large())?;
    let shown = u8::try_from(shown).unwrap_or(Decimal::SCALE_MAX).min(Decimal::SCALE_MAX);
    Ok(if parsed.scale > shown { parsed.rescale(shown).unwrap_or(parsed) } else { parsed })
}
