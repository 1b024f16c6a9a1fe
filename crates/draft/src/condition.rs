//! What the condition of a check says, where it is of a plain kind: a choice of texts, bounds of numbers, lengths of
//! texts. The words of all engines are understood; of anything else, nothing is said.

/// One thing that a condition says of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The column is one of these texts.
    OneOf(String, Vec<String>),
    /// The column is at least, or above, this number.
    Least(String, String, Bound),
    /// The column is at most, or below, this number.
    Most(String, String, Bound),
    /// The text has at least so many characters.
    Shortest(String, u64),
    /// The text has at most so many characters.
    Longest(String, u64),
    /// The column is null; beside another condition, which null passes anyway.
    Null(String),
    /// The column is not null.
    NotNull,
}

/// Whether a bound itself is within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Within,
    Beyond,
}

/// All that a condition says, if it says nothing else.
pub(crate) fn read(text: &str) -> Option<Vec<Says>> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let says = reader.either()?;
    reader.is_over().then_some(says)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A word in lower case: a key word, or a name without quotes, which comes second as it was written.
    Word(String, String),
    /// A quoted name.
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

const SIGNS: [&str; 16] =
    ["::", "<=", ">=", "<>", "!=", "==", "<", ">", "=", "(", ")", "[", "]", ",", "-", "."];

/// The tokens; `None` for signs that no plain condition has.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, end) = match first {
            '\'' => quoted(rest, '\'').map(|(t, n)| (Token::Text(t), n))?,
            '"' | '`' => quoted(rest, first).map(|(t, n)| (Token::Name(t), n))?,
            '[' if !matches!(out.last(), Some(Token::Word(word, _)) if word == "array")
                && !matches!(rest.chars().nth(1), Some(']')) =>
            {
                let end = rest.find(']')?;
                (Token::Name(rest[1..end].to_owned()), end + 1)
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                (Token::Number(rest[..end].to_owned()), end)
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest[..end].to_lowercase(), rest[..end].to_owned()), end)
            }
            _ => {
                let sign = SIGNS.iter().find(|s| rest.starts_with(**s))?;
                (Token::Sign(sign), sign.len())
            }
        };
        out.push(token);
        rest = rest[end..].trim_start();
    }
    Some(out)
}

/// The inside of a quotation, and where it ends; a doubled quote stands for itself.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            inside.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            inside.extend(chars.next().map(|(_, c)| c));
        } else {
            return Some((inside, at + quote.len_utf8()));
        }
    }
    None
}

/// A constant or a column.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Column(String),
    LengthOf(String),
    Text(String),
    Number(String),
}

/// How deep brackets may nest.
const DEEPEST: usize = 32;

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_over(&self) -> bool {
        self.at == self.tokens.len()
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(is);
        is
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(w, _)) if w == word);
        self.at += usize::from(is);
        is
    }

    /// Alternatives: choices of texts for one column, which may also be null.
    fn either(&mut self) -> Option<Vec<Says>> {
        let mut says = self.both()?;
        while self.word("or") {
            let more = self.both()?;
            says = match (says.as_slice(), more.as_slice()) {
                ([Says::OneOf(a, one)], [Says::OneOf(b, two)]) if a == b => {
                    vec![Says::OneOf(a.clone(), one.iter().chain(two).cloned().collect())]
                }
                ([Says::Null(_)], _) if about(&says[0]) == about(more.first()?) && more.len() == 1 => more,
                (_, [Says::Null(_)]) if about(&more[0]) == about(says.first()?) && says.len() == 1 => says,
                _ => return None,
            };
        }
        Some(says)
    }

    fn both(&mut self) -> Option<Vec<Says>> {
        let mut says = self.one()?;
        while self.word("and") {
            says.extend(self.one()?);
        }
        // Null alone beside other conditions would be a contradiction.
        (says.len() == 1 || !says.iter().any(|s| matches!(s, Says::Null(_)))).then_some(says)
    }

    fn one(&mut self) -> Option<Vec<Says>> {
        let start = self.at;
        if self.sign("(") {
            self.depth += 1;
            let inner = if self.depth > DEEPEST { None } else { self.either() };
            self.depth -= 1;
            if let Some(inner) = inner
                && self.sign(")")
            {
                return Some(inner);
            }
            self.at = start;
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Vec<Says>> {
        let left = self.operand()?;
        if self.word("in") {
            return Some(vec![one_of(left, self.list("(", ")")?)?]);
        }
        if self.word("between") {
            let low = self.operand()?;
            let high = self.word("and").then(|| self.operand()).flatten()?;
            return Some(vec![least(left.clone(), low, Bound::Within)?, most(left, high, Bound::Within)?]);
        }
        if self.word("is") {
            let not = self.word("not");
            let column = matches!(&left, Operand::Column(_)).then_some(left)?;
            let Operand::Column(name) = column else { return None };
            return self.word("null").then(|| vec![if not { Says::NotNull } else { Says::Null(name) }]);
        }
        let Some(Token::Sign(sign)) = self.peek() else { return None };
        let sign = *sign;
        self.at += 1;
        if matches!(sign, "=" | "==") && self.word("any") {
            return Some(vec![one_of(left, self.any()?)?]);
        }
        let right = self.operand()?;
        let says = match (sign, matches!(right, Operand::Column(_) | Operand::LengthOf(_))) {
            ("=" | "==", false) => one_of(left, vec![right])?,
            (">=", false) => least(left, right, Bound::Within)?,
            (">", false) => least(left, right, Bound::Beyond)?,
            ("<=", false) => most(left, right, Bound::Within)?,
            ("<", false) => most(left, right, Bound::Beyond)?,
            ("<=", true) => least(right, left, Bound::Within)?,
            ("<", true) => least(right, left, Bound::Beyond)?,
            (">=", true) => most(right, left, Bound::Within)?,
            (">", true) => most(right, left, Bound::Beyond)?,
            _ => return None,
        };
        Some(vec![says])
    }

    /// `(ARRAY[…])`, in any number of brackets.
    fn any(&mut self) -> Option<Vec<Operand>> {
        let mut open = 0;
        while self.sign("(") {
            open += 1;
        }
        let list = self.word("array").then(|| self.list("[", "]")).flatten()?;
        self.cast();
        for _ in 0..open {
            let closed = self.sign(")");
            self.cast();
            closed.then_some(())?;
        }
        Some(list)
    }

    fn list(&mut self, open: &str, close: &str) -> Option<Vec<Operand>> {
        self.sign(open).then_some(())?;
        let mut out = vec![self.operand()?];
        while self.sign(",") {
            out.push(self.operand()?);
        }
        self.sign(close).then_some(out)
    }

    fn operand(&mut self) -> Option<Operand> {
        if self.sign("(") {
            self.depth += 1;
            let inner = if self.depth > DEEPEST { None } else { self.operand() };
            self.depth -= 1;
            let inner = inner?;
            self.sign(")").then_some(())?;
            self.cast();
            return Some(inner);
        }
        let minus = self.sign("-");
        let token = self.peek()?.clone();
        self.at += 1;
        let operand = match token {
            Token::Number(number) if minus => Operand::Number(format!("-{number}")),
            _ if minus => return None,
            Token::Number(number) => Operand::Number(number),
            Token::Text(text) => Operand::Text(text),
            Token::Name(name) => Operand::Column(name),
            Token::Word(word, _)
                if matches!(word.as_str(), "length" | "char_length" | "character_length") =>
            {
                self.sign("(").then_some(())?;
                let Operand::Column(name) = self.operand()? else { return None };
                self.sign(")").then_some(())?;
                Operand::LengthOf(name)
            }
            // A word with brackets is a function.
            Token::Word(..) if matches!(self.peek(), Some(Token::Sign("(" | "."))) => return None,
            Token::Word(word, _) if matches!(word.as_str(), "not" | "null" | "array" | "case") => {
                return None;
            }
            Token::Word(_, written) => Operand::Column(written),
            Token::Sign(_) => return None,
        };
        self.cast();
        Some(operand)
    }

    /// Passes over `::character varying(20)[]`.
    fn cast(&mut self) {
        while self.sign("::") {
            self.at += usize::from(matches!(self.peek(), Some(Token::Word(..) | Token::Name(_))));
            if self.sign(".") {
                self.at += 1;
            }
            while ["varying", "precision", "with", "without", "time", "zone"].iter().any(|w| self.word(w)) {}
            if self.sign("(") {
                while !self.is_over() && !self.sign(")") {
                    self.at += 1;
                }
            }
            while self.sign("[") {
                self.sign("]");
            }
        }
    }
}

/// The column that something is said of.
fn about(says: &Says) -> Option<&str> {
    match says {
        Says::OneOf(column, _)
        | Says::Least(column, ..)
        | Says::Most(column, ..)
        | Says::Shortest(column, _)
        | Says::Longest(column, _)
        | Says::Null(column) => Some(column),
        Says::NotNull => None,
    }
}

fn one_of(left: Operand, list: Vec<Operand>) -> Option<Says> {
    let Operand::Column(column) = left else { return None };
    let text = |o: Operand| if let Operand::Text(text) = o { Some(text) } else { None };
    Some(Says::OneOf(column, list.into_iter().map(text).collect::<Option<_>>()?))
}

fn least(left: Operand, right: Operand, bound: Bound) -> Option<Says> {
    match (left, right) {
        (Operand::Column(column), Operand::Number(number)) => Some(Says::Least(column, number, bound)),
        (Operand::LengthOf(column), Operand::Number(number)) => {
            let number: u64 = number.parse().ok()?;
            Some(Says::Shortest(column, number.checked_add(u64::from(bound == Bound::Beyond))?))
        }
        _ => None,
    }
}

fn most(left: Operand, right: Operand, bound: Bound) -> Option<Says> {
    match (left, right) {
        (Operand::Column(column), Operand::Number(number)) => Some(Says::Most(column, number, bound)),
        (Operand::LengthOf(column), Operand::Number(number)) => {
            let number: u64 = number.parse().ok()?;
            Some(Says::Longest(column, number.checked_sub(u64::from(bound == Bound::Beyond))?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        let said = read(text).map_or_else(|| "nothing".to_owned(), |all| format!("{all:?}"));
        assert_eq!(said, want, "{text}");
    }

    #[test]
    fn the_words_of_all_engines_are_read() {
        let choice = r#"[OneOf("status", ["new", "it's"])]"#;
        check("status IN ('new', 'it''s')", choice);
        check("`status` in ('new','it''s')", choice);
        check("(`status` in ('new','it''s'))", choice);
        check(
            "((status)::text = ANY ((ARRAY['new'::character varying, 'it''s'::character varying])::text[]))",
            choice,
        );
        check("(status = ANY (ARRAY['new'::text, 'it''s'::text]))", choice);
        check("((status = 'new'::text) OR (status = 'it''s'::text) OR (status IS NULL))", choice);
        check("[status] = 'new' or \"status\" = 'it''s'", choice);
    }

    #[test]
    fn bounds_and_lengths_are_read() {
        check("((price >= (0)::numeric))", r#"[Least("price", "0", Within)]"#);
        check("price > -1.5", r#"[Least("price", "-1.5", Beyond)]"#);
        check("0 <= \"Unit Price\"", r#"[Least("Unit Price", "0", Within)]"#);
        check("(`n` between 1 and 5)", r#"[Least("n", "1", Within), Most("n", "5", Within)]"#);
        check("((n >= 1) AND (n <= 5))", r#"[Least("n", "1", Within), Most("n", "5", Within)]"#);
        check("(char_length(name) <= 20)", r#"[Longest("name", 20)]"#);
        check("length((name)::text) > 2", r#"[Shortest("name", 3)]"#);
    }

    #[test]
    fn of_anything_else_nothing_is_said() {
        for text in [
            "a < b",
            "a <> 'x'",
            "(a = 'x') OR (b = 'y')",
            "lower(a) = 'x'",
            "a IN (1, 2)",
            "a + 1 > 2",
            "a IN (SELECT 1)",
            "a ~ '^x'",
            "a LIKE 'x%'",
            "not a",
            "a > 'x'",
            "'unclosed",
            "",
            "(",
            "json_valid(`a`)",
        ] {
            check(text, "nothing");
        }
        check(&"(".repeat(10_000), "nothing");
        check(&format!("{}a > 1{}", "(".repeat(9), ")".repeat(9)), r#"[Least("a", "1", Beyond)]"#);
    }
}
