//! How soon somebody who knows what people choose comes to a password: a text is taken apart into what is guessed most
//! cheaply, in time that grows with its length alone.

use crate::lists::{LONGEST_ENTRY, Listed, SHORTEST_ENTRY, listed};

/// So many characters are looked at: more only make a password stronger.
const LOOKED_AT: usize = 64;
/// So many related words, of so many characters each, are looked at.
const RELATED_MOST: usize = 64;
/// The shortest word that is worth a guess of its own.
const RELATED_LEAST: usize = 3;

// Tenths of a bit.
const RELATED: u32 = 20;
const FIRST: u32 = 80;
const WORD: u32 = 150;
const ALTERED: u32 = 10;
const RUN: u32 = 50;
const AGAIN: u32 = 15;
const YEAR: u32 = 60;
const DAY: u32 = 50;

/// Neighbours in these rows follow each other.
const ROWS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// A password that is taken apart.
struct Text<'r> {
    /// In lower case, then with digits and signs as the letters that they stand for: `p4$$w0rd`.
    forms: [Vec<char>; 3],
    related: &'r [Vec<char>],
}

/// The effort of guessing a text, in tenths of a bit, by somebody who knows these words of its owner.
pub(crate) fn effort(text: &str, related: &[&str]) -> u32 {
    let related = words(related);
    let text = Text::new(text, &related);
    let end = text.plain().len();
    let mut least = vec![u32::MAX; end + 1];
    least[0] = 0;
    for at in 0..end {
        // Every character can be guessed alone, so each place has been reached.
        let so_far = least[at];
        text.pieces(at, |length, effort| {
            let after = &mut least[at + length];
            *after = (*after).min(so_far + effort);
        });
    }
    least[end]
}

/// What is known of somebody as words: each text whole, and its parts.
fn words(related: &[&str]) -> Vec<Vec<char>> {
    let parts = |text: &&str| {
        let text: Vec<char> = text.chars().take(LOOKED_AT).map(lower).collect();
        let parts = text.split(|c| !c.is_alphanumeric()).map(<[char]>::to_vec).collect::<Vec<_>>();
        parts.into_iter().chain([text])
    };
    let long = |word: &Vec<char>| word.len() >= RELATED_LEAST;
    related.iter().flat_map(parts).filter(long).take(RELATED_MOST).collect()
}

impl<'r> Text<'r> {
    fn new(text: &str, related: &'r [Vec<char>]) -> Self {
        let plain: Vec<char> = text.chars().take(LOOKED_AT).map(lower).collect();
        let stands_for = |one: char| plain.iter().map(|c| letter(*c, one)).collect();
        let (i, l) = (stands_for('i'), stands_for('l'));
        Self { forms: [plain, i, l], related }
    }

    fn plain(&self) -> &[char] {
        &self.forms[0]
    }

    /// Tells the pieces that begin at a place: how long they are, and their effort.
    fn pieces(&self, at: usize, mut tell: impl FnMut(usize, u32)) {
        let rest = &self.plain()[at..];
        tell(1, alone(rest[0]));
        for length in 3..=run(rest) {
            tell(length, RUN);
        }
        for length in 1..=at.min(rest.len()) {
            if self.plain()[at - length..at] == rest[..length] {
                tell(length, AGAIN);
            }
        }
        if let Some(1900..=2039) = number(rest, 4) {
            tell(4, YEAR);
        }
        if let Some(1..=31) = number(rest, 2) {
            tell(2, DAY);
        }
        self.words(at, tell);
    }

    fn words(&self, at: usize, mut tell: impl FnMut(usize, u32)) {
        for (n, form) in self.forms.iter().enumerate() {
            let rest = &form[at..];
            let altered = if n == 0 { 0 } else { ALTERED };
            for word in self.related.iter().filter(|word| rest.starts_with(word)) {
                tell(word.len(), RELATED + altered);
            }
            for length in SHORTEST_ENTRY..=rest.len().min(LONGEST_ENTRY) {
                match listed(&rest[..length]) {
                    Some(Listed::First) => tell(length, FIRST + altered),
                    Some(Listed::Word) => tell(length, WORD + altered),
                    None => {}
                }
            }
        }
    }
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// The letter that a digit or sign stands for; a one is read as `one`.
fn letter(c: char, one: char) -> char {
    match c {
        '4' | '@' => 'a',
        '8' => 'b',
        '3' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' => one,
        '0' => 'o',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '2' => 'z',
        c => c,
    }
}

fn alone(c: char) -> u32 {
    match c {
        '0'..='9' => 33,
        'a'..='z' => 47,
        ' ' | '-' | '_' | '.' => 20,
        _ if c.is_ascii() => 60,
        _ => 80,
    }
}

/// How many characters from the first on are the same, or follow each other in one direction.
fn run(rest: &[char]) -> usize {
    let step = |pair: &[char]| match pair {
        [one, next] => follows(*one, *next),
        _ => None,
    };
    let Some(first) = rest.get(..2).and_then(step) else { return 1 };
    1 + rest.windows(2).take_while(|pair| step(pair) == Some(first)).count()
}

/// How a character follows another: 0 the same, 1 its neighbour, -1 its neighbour backwards.
fn follows(one: char, next: char) -> Option<i32> {
    if one == next {
        return Some(0);
    }
    let beside = |one: char, next: char| {
        let pair: String = [one, next].iter().collect();
        ROWS.iter().any(|row| row.contains(&pair))
    };
    match (beside(one, next), beside(next, one)) {
        (true, _) => Some(1),
        (_, true) => Some(-1),
        _ => None,
    }
}

/// The number that so many digits are.
fn number(rest: &[char], digits: usize) -> Option<u32> {
    rest.get(..digits)?.iter().try_fold(0, |number, c| Some(number * 10 + c.to_digit(10)?))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::effort;

    #[test]
    fn what_is_guessed_sooner_costs_less() {
        let check = |sooner: &str, later: &str| {
            let related = ["ada@example.org"];
            let (sooner, later) = ((effort(sooner, &related), sooner), (effort(later, &related), later));
            assert!(sooner < later, "{sooner:?} {later:?}");
        };
        check("", "a");
        check("ada", "password");
        check("password", "crocodile");
        check("password", "p4$$w0rd");
        check("crocodile", "crocodile crocodile");
        check("crocodile crocodile", "crocodile umbrella");
        check("abcdefgh", "axbwcvdu");
        check("1987", "7391");
        check("27.11.1987", "95.61.7391");
        check("ффффффф", "фывапро");
    }

    #[test]
    fn no_text_takes_long() {
        for text in [
            "4@8({[<369!1|0$5+7%2",
            "a",
            "1212121212",
            "password",
            "ä",
            "abcabcabcabd",
            "\u{0}",
            "1991-12-11",
        ] {
            let start = Instant::now();
            let names = vec!["some.body@example.org x y z"; 1_000];
            effort(&text.repeat(500), &names);
            assert!(start.elapsed() < Duration::from_millis(200), "{text} took {:?}", start.elapsed());
        }
    }
}
