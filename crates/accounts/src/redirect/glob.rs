//! Globs of the list of addresses.

/// One step of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Byte(u8),
    /// `*`: any bytes but those that part names and segments.
    Star,
    /// `**` behind the host: any bytes.
    Any,
}

/// Whether an address without query fits a glob: `*` stands for anything but `.` and `/`, `**` in the path for anything.
/// It takes no longer than the product of their lengths.
pub(super) fn fits(glob: &str, address: &str) -> bool {
    let steps = steps(glob);
    let mut at = vec![false; steps.len() + 1];
    reach(&steps, &mut at, 0);
    for byte in address.bytes() {
        let mut next = vec![false; steps.len() + 1];
        for (n, step) in steps.iter().enumerate().filter(|(n, _)| at[*n]) {
            match step {
                Step::Byte(wanted) if *wanted == byte => reach(&steps, &mut next, n + 1),
                Step::Star if !matches!(byte, b'.' | b'/') => reach(&steps, &mut next, n),
                Step::Any => reach(&steps, &mut next, n),
                Step::Byte(_) | Step::Star => {}
            }
        }
        if !next.contains(&true) {
            return false;
        }
        at = next;
    }
    at[steps.len()]
}

/// Marks a place, and those behind stars that stand for nothing.
fn reach(steps: &[Step], at: &mut [bool], mut n: usize) {
    at[n] = true;
    while matches!(steps.get(n), Some(Step::Star | Step::Any)) {
        n += 1;
        at[n] = true;
    }
}

fn steps(glob: &str) -> Vec<Step> {
    let host = glob.find("://").map_or(0, |at| at + 3);
    let path = glob[host..].find('/').map_or(glob.len(), |at| host + at);
    let bytes = glob.as_bytes();
    let (mut out, mut n) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(n) {
        let stars = bytes[n..].iter().take_while(|byte| **byte == b'*').count();
        out.push(match (stars, n < path) {
            (0, true) => Step::Byte(byte.to_ascii_lowercase()),
            (0, false) => Step::Byte(*byte),
            (1, _) | (_, true) => Step::Star,
            (_, false) => Step::Any,
        });
        n += stars.max(1);
    }
    out
}
