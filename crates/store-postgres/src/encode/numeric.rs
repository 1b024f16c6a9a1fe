//! Decimals in the server's binary form.

use bistro_schema::Decimal;
use bytes::{BufMut, BytesMut};

/// Digits to the base of 10,000, which begin and end where the point stands.
pub(super) fn put(decimal: Decimal, out: &mut BytesMut) {
    let scale = i32::from(decimal.scale.min(Decimal::SCALE_MAX));
    let mut size = decimal.mantissa.unsigned_abs();
    // Groups of four digits from the last; the first of them is filled up so that the point stands between groups.
    let fill = (4 - scale % 4) % 4;
    let mut groups = [0_u16; 12];
    let (mut count, mut part) = (0, 10_u128.pow(4 - fill as u32));
    let mut unit = 10_u128.pow(fill as u32);
    while size > 0 {
        groups[count] = u16::try_from(size % part * unit).unwrap_or(0);
        size /= part;
        (part, unit, count) = (10_000, 1, count + 1);
    }
    let places = (scale + fill) / 4;
    let hidden = groups[..count].iter().take_while(|g| **g == 0).count();
    let weight = if count == 0 { 0 } else { count as i32 - 1 - places };
    out.put_u16((count - hidden) as u16);
    out.put_i16(weight as i16);
    out.put_u16(if decimal.mantissa < 0 { 0x4000 } else { 0 });
    out.put_u16(scale as u16);
    groups[hidden..count].iter().rev().for_each(|group| out.put_u16(*group));
}

/// What is no decimal: not a number, or without end (which the server knows from version 14 on).
pub(super) fn endless(float: f64, out: &mut BytesMut) {
    let sign = match float {
        f if f.is_nan() => 0xc000,
        f if f > 0.0 => 0xd000,
        _ => 0xf000,
    };
    [0, 0, sign, 0].into_iter().for_each(|half| out.put_u16(half));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::numeric;

    #[test]
    fn what_is_written_is_read_again() {
        let long = "12345678901234567890123456789012345678";
        let mut texts: Vec<String> = (0..=38)
            .map(|n| match n {
                0 => long.to_owned(),
                38 => format!("0.{long}"),
                n => format!("-{}.{}", &long[..38 - n], &long[38 - n..]),
            })
            .collect();
        texts.extend(
            [
                "0",
                "0.000",
                "1",
                "10000",
                "100000000",
                "0.0001",
                "0.00001",
                "-1.5",
                "9999",
                "10000.0001",
                "99990000",
            ]
            .map(String::from),
        );
        for text in texts {
            let mut out = BytesMut::new();
            put(Decimal::parse(&text).unwrap(), &mut out);
            assert_eq!(numeric(&out).unwrap().to_string(), text);
        }
    }
}
