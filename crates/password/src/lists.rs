//! The lists of what is guessed first. They are looked through where they lie in the binary, so they cost no memory.

use std::cmp::Ordering;

const FIRST: &str = include_str!("../lists/first.txt");
const WORDS: &str = include_str!("../lists/words.txt");

/// The longest entry, in characters.
pub(crate) const LONGEST_ENTRY: usize = 24;
/// The shortest.
pub(crate) const SHORTEST_ENTRY: usize = 4;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Among the passwords that are chosen most often.
    First,
    /// Among the other passwords, words and names.
    Word,
}

/// Where a word of lower-case characters is listed.
pub(crate) fn listed(word: &[char]) -> Option<Listed> {
    let mut bytes = [0; LONGEST_ENTRY];
    let bytes = bytes.get_mut(..word.len())?;
    for (byte, character) in bytes.iter_mut().zip(word) {
        *byte = u8::try_from(*character).ok().filter(u8::is_ascii)?;
    }
    if contains(FIRST, bytes) {
        return Some(Listed::First);
    }
    contains(WORDS, bytes).then_some(Listed::Word)
}

/// Whether a list of sorted lines has this one.
fn contains(list: &str, line: &[u8]) -> bool {
    let list = list.as_bytes();
    // Both are starts of lines, or the end.
    let (mut low, mut high) = (0, list.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = list[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end = list[start..].iter().position(|byte| *byte == b'\n').map_or(list.len(), |at| start + at);
        match list[start..end].cmp(line) {
            Ordering::Equal => return true,
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LONGEST_ENTRY, Listed, SHORTEST_ENTRY, WORDS, contains, listed};

    #[test]
    fn each_entry_is_found() {
        for list in [FIRST, WORDS] {
            assert!(
                list.lines().zip(list.lines().skip(1)).all(|(one, next)| one < next),
                "sorted, each once"
            );
            assert!(list.lines().all(|line| (SHORTEST_ENTRY..=LONGEST_ENTRY).contains(&line.len())));
            let lost = list.lines().find(|line| !contains(list, line.as_bytes()));
            assert_eq!(lost, None);
        }
        let long = FIRST.lines().chain(WORDS.lines()).filter(|line| line.len() >= 10).count();
        assert!(long >= 10_000, "{long} have the usual least length");
    }

    #[test]
    fn other_words_are_not_found() {
        let check = |word: &str, expected: Option<Listed>| {
            assert_eq!(listed(&word.chars().collect::<Vec<_>>()), expected, "{word}");
        };
        check("password", Some(Listed::First));
        check("crocodile", Some(Listed::Word));
        for word in
            ["", "\n", "passwor d", "zzzzzzzzzzzzz", "0", "~~~~", "käse", "a word that is longer than any"]
        {
            check(word, None);
        }
    }
}
