//! Names of a schema file from names of a database, which may hold anything.

use std::collections::BTreeSet;

use bistro_schema::names::{graphql, lower_camel, plural, snake};

/// The most bytes of a name, with room for what is added to make it another.
const MOST: usize = 48;
/// The most bytes of a relation's name, with room for `_id`.
const LONGEST: usize = 60;
/// Words that a field cannot be called, or that the query string means something else by.
const FIELD_WORDS: [&str; 12] = [
    "and",
    "or",
    "not",
    "some",
    "none",
    "every",
    "select",
    "order",
    "limit",
    "offset",
    "columns",
    "on_conflict",
];
/// Types that are there whatever the file says, beside GraphQL's.
const TYPES: [&str; 4] = ["BistroAction", "BistroOnDelete", "BistroValue", "BistroName"];
/// The scalars of the language.
const SCALARS: [&str; 16] = [
    "ID", "Int", "BigInt", "Float", "Decimal", "String", "Boolean", "Date", "Time", "DateTime", "JSON",
    "Bytes", "Email", "URL", "UUID", "Html",
];

/// The letters of a name as those of a file: accents go, everything else that is no letter or digit divides words.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c),
            'À'..='Å' => out.push('A'),
            'à'..='å' => out.push('a'),
            'Ç' => out.push('C'),
            'ç' => out.push('c'),
            'È'..='Ë' => out.push('E'),
            'è'..='ë' => out.push('e'),
            'Ì'..='Ï' => out.push('I'),
            'ì'..='ï' => out.push('i'),
            'Ñ' => out.push('N'),
            'ñ' => out.push('n'),
            'Ò'..='Ö' | 'Ø' => out.push('O'),
            'ò'..='ö' | 'ø' => out.push('o'),
            'Ù'..='Ü' => out.push('U'),
            'ù'..='ü' => out.push('u'),
            'Ý' => out.push('Y'),
            'ý' | 'ÿ' => out.push('y'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'Æ' => out.push_str("AE"),
            'œ' => out.push_str("oe"),
            _ => out.push('_'),
        }
    }
    out
}

/// A name's words in snake case: `UnitPrice`, `Unit Price` and `unit-price` → `unit_price`. Empty where there are none.
pub(crate) fn words(name: &str) -> String {
    let plain = plain(name);
    let parts: Vec<String> = plain.split('_').filter(|p| !p.is_empty()).map(snake).collect();
    let mut out = parts.join("_");
    out.truncate(MOST);
    out.trim_end_matches('_').to_owned()
}

/// The name of the field of a column: its own where it can be.
pub(crate) fn field(column: &str) -> String {
    let begins = column.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let made_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let own = begins && column.len() <= MOST && column.chars().all(made_of) && !column.starts_with("__");
    let mut name = if own { column.to_owned() } else { words(column) };
    if name.is_empty() || name.chars().all(|c| c == '_') {
        name = "column".to_owned();
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    if name.starts_with("bistro_") {
        name.insert_str(0, "the_");
    }
    if FIELD_WORDS.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Whether a field may be called this.
pub(crate) fn is_field(name: &str) -> bool {
    name.len() <= LONGEST && field(&name[..name.len().min(MOST)]) == name[..name.len().min(MOST)]
}

/// Whether a relation may be called this. The query string can name it by its column.
pub(crate) fn is_relation(name: &str) -> bool {
    is_field(name) || FIELD_WORDS[6..].contains(&name)
}

/// The first of `base`, `base2`, `base3` … that is free.
pub(crate) fn free(base: &str, is_free: impl Fn(&str) -> bool) -> String {
    let mut cut = base.len().min(MOST);
    while !base.is_char_boundary(cut) {
        cut -= 1;
    }
    let numbered = (2u32..).map(|n| format!("{}{n}", &base[..cut]));
    let mut all = std::iter::once(base.to_owned()).chain(numbered);
    all.find(|name| is_free(name)).expect("the numbers do not end")
}

/// `order_line` → `OrderLine`.
pub(crate) fn pascal(words: &str) -> String {
    let camel = lower_camel(words.trim_start_matches('_'));
    let mut chars = camel.chars();
    let name: String = chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect());
    match name.chars().next() {
        Some(c) if c.is_ascii_alphabetic() => name,
        _ => format!("T{name}"),
    }
}

/// The singular of the last word, where it looks like a plural that the rule makes.
pub(crate) fn singular(words: &str) -> String {
    let (head, last) = words.rsplit_once('_').map_or(("", words), |(h, l)| (h, l));
    let keeps = ["news", "series", "species", "lens", "gas", "bus", "plus", "always", "status", "address"];
    let made = one(last).filter(|one| !keeps.contains(&last) && plural(one) == last);
    match made {
        Some(one) if head.is_empty() => one,
        Some(one) => format!("{head}_{one}"),
        None => words.to_owned(),
    }
}

fn one(word: &str) -> Option<String> {
    if let Some(stem) = word.strip_suffix("ies").filter(|s| s.len() > 1) {
        return Some(format!("{stem}y"));
    }
    let hissing = ["sses", "xes", "ches", "shes", "zzes"].iter().any(|end| word.ends_with(end));
    // `statuses`, but `houses` and `causes`.
    let latin =
        word.strip_suffix("uses").is_some_and(|s| !s.ends_with(['a', 'e', 'i', 'o', 'u']) && s.len() > 2);
    if hissing || latin {
        return word.strip_suffix("es").map(str::to_owned);
    }
    let stays = ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    word.strip_suffix('s').filter(|s| !stays && s.len() > 1).map(str::to_owned)
}

/// The names of types and enums that are taken, with all that is made from them.
#[derive(Debug)]
pub(crate) struct Taken {
    types: BTreeSet<String>,
    roots: BTreeSet<String>,
}

impl Default for Taken {
    fn default() -> Self {
        let fixed = TYPES.iter().chain(&graphql::TYPES).map(|&name| name.to_owned());
        Self {
            types: fixed.chain(SCALARS.into_iter().flat_map(graphql::values)).collect(),
            roots: graphql::ROOTS.map(str::to_owned).into(),
        }
    }
}

impl Taken {
    /// A free name for a type, taken from now on.
    pub(crate) fn model(&mut self, base: &str) -> String {
        let types = |name: &str| graphql::types(name, &plural(&snake(name)));
        let roots = |name: &str| graphql::roots(name, &plural(&snake(name)));
        let fits = |name: &str| {
            types(name).all(|n| !self.types.contains(&n))
                && roots(name).iter().all(|n| !self.roots.contains(n))
        };
        let name = another(base, "Row", fits);
        self.roots.extend(roots(&name));
        self.types.extend(types(&name));
        name
    }

    /// A free name for an enum, taken from now on.
    pub(crate) fn enumeration(&mut self, base: &str) -> String {
        let name = another(base, "Value", |name| graphql::values(name).all(|n| !self.types.contains(&n)));
        self.types.extend(graphql::values(&name));
        name
    }
}

fn another(base: &str, end: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(base) { base.to_owned() } else { free(&format!("{base}{end}"), fits) }
}

/// Why a table cannot be a collection, if so.
pub(crate) fn no_collection(table: &str) -> Option<String> {
    let lower = table.to_lowercase();
    let bad = |c: &char| c.is_control() || matches!(c, '/' | '"' | '`' | '\\' | '?' | '#' | '%');
    if let Some(c) = table.chars().find(bad) {
        return Some(format!("its name holds {c:?}, which no path carries"));
    }
    if table.trim() != table || table.is_empty() || table.starts_with('.') {
        return Some("its name begins or ends with a space or a dot".to_owned());
    }
    if lower == "rpc" || lower == "openapi.json" {
        return Some("its name is an address of the REST API".to_owned());
    }
    if ["__", "bistro_", "sqlite_"].iter().any(|p| lower.starts_with(p)) {
        return Some("its name belongs to the system".to_owned());
    }
    (table.len() > 63).then(|| "its name has more than 63 bytes".to_owned())
}

/// Whether a column can be named in a file.
pub(crate) fn is_column(name: &str) -> bool {
    let bad = |c: char| c.is_control() || c == '"' || c == '`';
    !name.trim().is_empty() && name.len() <= 63 && !name.chars().any(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_the_file() {
        let cases = [
            ("UnitPrice", "unit_price"),
            ("Unit Price", "unit_price"),
            ("unit_price", "unit_price"),
            ("2fa", "_2fa"),
            ("order", "order_"),
            ("Größe (mm)", "grosse_mm"),
            ("価格", "column"),
            ("_id", "_id"),
            ("__id", "id"),
            ("bistro_x", "the_bistro_x"),
        ];
        for (column, want) in cases {
            assert_eq!(field(column), want, "{column}");
        }
    }

    #[test]
    fn plurals_become_singular_where_the_rule_leads_back() {
        let cases = [
            ("posts", "post"),
            ("order_details", "order_detail"),
            ("categories", "category"),
            ("boxes", "box"),
            ("statuses", "status"),
            ("houses", "house"),
            ("addresses", "address"),
            ("status", "status"),
            ("news", "news"),
            ("people", "people"),
            ("analysis", "analysis"),
            ("s", "s"),
        ];
        for (many, want) in cases {
            assert_eq!(singular(many), want, "{many}");
        }
    }

    #[test]
    fn types_do_not_take_what_is_generated() {
        let mut taken = Taken::default();
        let names =
            ["Post", "PostFilter", "Post", "Posts", "Query", "StringFilter", "Date"].map(|n| taken.model(n));
        assert_eq!(
            names,
            ["Post", "PostFilterRow", "PostRow", "PostsRow", "QueryRow", "StringFilterRow", "DateRow"]
        );
    }
}
