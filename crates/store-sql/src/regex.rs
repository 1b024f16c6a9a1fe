//! Regular expressions of the common subset in the words of an engine that has its own.
//!
//! The subset is that of the crate `regex`, without what surfaces refuse before: what is left out there is refused here
//! too, because nothing is written for it. As everywhere, `.` matches any character, `^` and `$` the text's ends alone,
//! `\d`, `\w` and `\s` are Unicode's and named classes ASCII's.

use bistro_problem::Code;
use bistro_store::{StoreError, StoreErrorKind};
use regex_syntax::ast::{
    self, Assertion, AssertionKind, Ast, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind, ClassSet,
    ClassSetItem, GroupKind, Repetition, RepetitionKind, RepetitionRange,
};

use crate::dialect::Dialect;

/// Bytes of an expression.
const LONGEST: usize = 256;
/// Bytes of what an expression becomes.
const WRITTEN: usize = 16 << 10;
/// How deep groups may be nested.
const DEPTH: u32 = 32;
/// How often one part may be repeated in all, by bounds within bounds: engines unfold them.
const TIMES: u64 = 1_000;
/// The greatest bound of a repetition that PostgreSQL reads.
const REPEATED: u32 = 255;

/// The expression in the engine's words. `fold` is written into it where the engine has no operator that folds.
///
/// # Errors
/// [`StoreErrorKind::Rejected`] with [`Code::BadRegex`] for what is no expression, not of the subset, or too large.
pub fn translate(dialect: Dialect, pattern: &str, fold: bool) -> Result<String, StoreError> {
    if dialect == Dialect::Sqlite {
        return Ok(pattern.to_owned());
    }
    if pattern.len() > LONGEST {
        return Err(refused(format!("a regular expression may have at most {LONGEST} bytes")));
    }
    let tree = ast::parse::ParserBuilder::new().nest_limit(DEPTH).build().parse(pattern);
    let tree = tree.map_err(|e| refused(format!("invalid regular expression: {}", e.kind())))?;
    let mut writer = Writer { dialect, out: String::new(), times: 1 };
    if dialect == Dialect::Mysql {
        writer.out.push_str(if fold { "(?si)" } else { "(?s)" });
    }
    writer.any(&tree)?;
    Ok(writer.out)
}

fn refused(text: String) -> StoreError {
    StoreError::new(StoreErrorKind::Rejected(Code::BadRegex, text.clone()), text)
}

fn outside(what: &str) -> StoreError {
    refused(format!("invalid regular expression: {what} are not supported"))
}

/// Writes one expression.
struct Writer {
    dialect: Dialect,
    out: String,
    /// How often what is being written is repeated.
    times: u64,
}

impl Writer {
    fn any(&mut self, tree: &Ast) -> Result<(), StoreError> {
        match tree {
            Ast::Empty(_) => {}
            Ast::Literal(literal) => self.literal(literal.c),
            Ast::Dot(_) => self.out.push('.'),
            Ast::Assertion(assertion) => self.assertion(assertion)?,
            Ast::ClassPerl(class) => self.out.push_str(perl(class, class.negated)),
            Ast::ClassBracketed(class) => self.bracketed(class)?,
            Ast::Repetition(repetition) => self.repetition(repetition)?,
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => self.grouped(&group.ast)?,
                GroupKind::NonCapturing(flags) if flags.items.is_empty() => self.grouped(&group.ast)?,
                GroupKind::NonCapturing(_) => return Err(outside("inline flags")),
                GroupKind::CaptureName { .. } => return Err(outside("named groups")),
            },
            Ast::Alternation(parts) => {
                for (at, part) in parts.asts.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    // No engine minds an empty group, but some mind an empty branch.
                    if matches!(part, Ast::Empty(_)) { self.out.push_str("(?:)") } else { self.any(part)? }
                }
            }
            Ast::Concat(parts) => parts.asts.iter().try_for_each(|part| self.any(part))?,
            Ast::Flags(_) => return Err(outside("inline flags")),
            Ast::ClassUnicode(_) => return Err(outside("\\p classes")),
        }
        match self.out.len() > WRITTEN {
            true => Err(refused("the regular expression is too large".into())),
            false => Ok(()),
        }
    }

    fn grouped(&mut self, inner: &Ast) -> Result<(), StoreError> {
        self.out.push_str("(?:");
        self.any(inner)?;
        self.out.push(')');
        Ok(())
    }

    fn literal(&mut self, c: char) {
        match c {
            '_' | ' ' => self.out.push(c),
            c if c.is_ascii_punctuation() => self.out.extend(['\\', c]),
            c if c.is_control() => match self.dialect {
                Dialect::Postgres => self.out += &format!("\\u{:04x}", u32::from(c)),
                _ => self.out += &format!("\\x{{{:x}}}", u32::from(c)),
            },
            c => self.out.push(c),
        }
    }

    fn assertion(&mut self, assertion: &Assertion) -> Result<(), StoreError> {
        let postgres = self.dialect == Dialect::Postgres;
        self.out.push_str(match assertion.kind {
            AssertionKind::StartLine => "^",
            AssertionKind::EndLine if postgres => "$",
            // There `$` would stand before a line break at the end too.
            AssertionKind::EndLine => "\\z",
            AssertionKind::WordBoundary if postgres => "\\y",
            AssertionKind::NotWordBoundary if postgres => "\\Y",
            AssertionKind::WordBoundary => "\\b",
            AssertionKind::NotWordBoundary => "\\B",
            _ => {
                return Err(refused(
                    "invalid regular expression: of assertions only ^, $, \\b and \\B are supported".into(),
                ));
            }
        });
        Ok(())
    }

    /// Lazy or greedy, the same texts hold something that matches.
    fn repetition(&mut self, repetition: &Repetition) -> Result<(), StoreError> {
        let (least, most) = match &repetition.op.kind {
            RepetitionKind::ZeroOrOne => (0, Some(1)),
            RepetitionKind::ZeroOrMore => (0, None),
            RepetitionKind::OneOrMore => (1, None),
            RepetitionKind::Range(RepetitionRange::Exactly(n)) => (*n, Some(*n)),
            RepetitionKind::Range(RepetitionRange::AtLeast(n)) => (*n, None),
            RepetitionKind::Range(RepetitionRange::Bounded(n, m)) => (*n, Some(*m)),
        };
        let outer = self.times;
        self.times = outer.saturating_mul(u64::from(most.unwrap_or(least).max(1)));
        if self.times > TIMES {
            return Err(refused("the regular expression is too large".into()));
        }
        let start = self.out.len();
        match &*repetition.ast {
            Ast::Literal(_) | Ast::Dot(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) | Ast::Group(_) => {
                self.any(&repetition.ast)?;
            }
            other => self.grouped(other)?,
        }
        let operand = self.out.split_off(start);
        self.times = outer;
        self.out += &repeated(&operand, least, most);
        Ok(())
    }

    fn bracketed(&mut self, class: &ClassBracketed) -> Result<(), StoreError> {
        let ClassSet::Item(item) = &class.kind else { return Err(outside("set operations in classes")) };
        let outer = std::mem::take(&mut self.out);
        let mut excluded = Vec::new();
        let done = self.item(item, &mut excluded);
        let items = std::mem::replace(&mut self.out, outer);
        done?;
        let brackets = |negated: bool| match items.is_empty() {
            true => String::new(),
            false => format!("[{}{items}]", if negated { "^" } else { "" }),
        };
        let text = match (excluded.as_slice(), class.negated) {
            ([], negated) => brackets(negated),
            (excluded, false) => {
                let mut parts = vec![brackets(false)];
                parts.extend(excluded.iter().map(|c| perl(c, true).to_owned()));
                parts.retain(|p| !p.is_empty());
                format!("(?:{})", parts.join("|"))
            }
            ([rest @ .., last], true) => {
                let not = brackets(false);
                let not = if not.is_empty() { not } else { format!("(?!{not})") };
                let all: String = rest.iter().map(|c| format!("(?={})", perl(c, false))).collect();
                format!("(?:{not}{all}{})", perl(last, false))
            }
        };
        self.out += &text;
        Ok(())
    }

    /// What stands between brackets. Classes like `\D` are put aside: PostgreSQL before 14 reads none there.
    fn item<'t>(
        &mut self,
        item: &'t ClassSetItem,
        excluded: &mut Vec<&'t ClassPerl>,
    ) -> Result<(), StoreError> {
        match item {
            ClassSetItem::Empty(_) => {}
            ClassSetItem::Literal(literal) => self.literal(literal.c),
            ClassSetItem::Range(range) => {
                self.literal(range.start.c);
                self.out.push('-');
                self.literal(range.end.c);
            }
            ClassSetItem::Ascii(class) if !class.negated => self.out.push_str(ascii(&class.kind)),
            ClassSetItem::Ascii(_) => return Err(outside("negated named classes")),
            ClassSetItem::Perl(class) if class.negated => excluded.push(class),
            ClassSetItem::Perl(class) => self.out.push_str(perl(class, false)),
            ClassSetItem::Union(union) => union.items.iter().try_for_each(|i| self.item(i, excluded))?,
            ClassSetItem::Bracketed(_) => return Err(outside("classes in classes")),
            ClassSetItem::Unicode(_) => return Err(outside("\\p classes")),
        }
        Ok(())
    }
}

/// An operand so many times, in steps that every engine reads.
fn repeated(operand: &str, least: u32, most: Option<u32>) -> String {
    match (least, most) {
        (0, Some(1)) => return format!("{operand}?"),
        (0, None) => return format!("{operand}*"),
        (1, None) => return format!("{operand}+"),
        (least, None) if least <= REPEATED => return format!("{operand}{{{least},}}"),
        (least, Some(most)) if least == most && most <= REPEATED => return format!("{operand}{{{most}}}"),
        (least, Some(most)) if most <= REPEATED => return format!("{operand}{{{least},{most}}}"),
        _ => {}
    }
    let mut out = String::from("(?:");
    let steps = |mut left: u32, least: bool, out: &mut String| {
        while left > 0 {
            let step = left.min(REPEATED);
            *out += &if least { format!("{operand}{{{step}}}") } else { format!("{operand}{{0,{step}}}") };
            left -= step;
        }
    };
    steps(least, true, &mut out);
    match most {
        Some(most) => steps(most.saturating_sub(least), false, &mut out),
        None => out += &format!("{operand}*"),
    }
    out + ")"
}

const fn perl(class: &ClassPerl, negated: bool) -> &'static str {
    match (&class.kind, negated) {
        (ClassPerlKind::Digit, false) => "\\d",
        (ClassPerlKind::Digit, true) => "\\D",
        (ClassPerlKind::Space, false) => "\\s",
        (ClassPerlKind::Space, true) => "\\S",
        (ClassPerlKind::Word, false) => "\\w",
        (ClassPerlKind::Word, true) => "\\W",
    }
}

/// The characters of a named class.
const fn ascii(kind: &ClassAsciiKind) -> &'static str {
    match kind {
        ClassAsciiKind::Alnum => "0-9A-Za-z",
        ClassAsciiKind::Alpha => "A-Za-z",
        ClassAsciiKind::Ascii => "\\x01-\\x7f",
        ClassAsciiKind::Blank => "\\t ",
        ClassAsciiKind::Cntrl => "\\x01-\\x1f\\x7f",
        ClassAsciiKind::Digit => "0-9",
        ClassAsciiKind::Graph => "!-~",
        ClassAsciiKind::Lower => "a-z",
        ClassAsciiKind::Print => " -~",
        ClassAsciiKind::Punct => "!-\\/:-@\\[-`{-~",
        ClassAsciiKind::Space => "\\t\\n\\x0b\\f\\r ",
        ClassAsciiKind::Upper => "A-Z",
        ClassAsciiKind::Word => "0-9A-Za-z_",
        ClassAsciiKind::Xdigit => "0-9A-Fa-f",
    }
}

#[cfg(test)]
mod tests;
