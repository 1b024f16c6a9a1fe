//! Pairs of schemas as somebody might write them one after the other.

use bistro_conformance::rng::Rng;

const TYPES: [&str; 4] = ["Alpha", "Beta", "Gamma", "Delta"];
/// Kinds with a default that fits, so that few changes are refused.
const KINDS: [(&str, &str); 10] = [
    ("Int", "1"),
    ("BigInt", "2"),
    ("Float", "1.5"),
    ("String", "\"x\""),
    ("String @length(max: 40)", "\"y\""),
    ("Decimal @decimal(precision: 9, scale: 2)", "\"1.25\""),
    ("Decimal", "\"3\""),
    ("DateTime", "\"2024-01-01T00:00:00Z\""),
    ("Mood", "good"),
    ("Email", "\"a@example.com\""),
];

/// A schema and one that it becomes.
pub(crate) fn pair(seed: u64) -> (String, String) {
    let mut rng = Rng::new(seed);
    let before: Vec<Made> = TYPES.iter().map(|name| Made::new(&mut rng, name)).collect();
    let after = before.iter().map(|made| made.later(&mut rng)).collect::<Vec<_>>();
    (written(&before), written(&after))
}

#[derive(Clone)]
struct Made {
    name: String,
    was: Option<String>,
    there: bool,
    key: &'static str,
    fields: Vec<Column>,
}

#[derive(Clone)]
struct Column {
    name: String,
    was: Option<String>,
    there: bool,
    kind: usize,
    required: bool,
    marks: Vec<&'static str>,
    /// A relation to this type instead.
    to: Option<usize>,
}

impl Made {
    fn new(rng: &mut Rng, name: &str) -> Self {
        let key =
            *rng.pick(&["id: ID!", "id: Int! @id", "id: BigInt! @id", "code: String! @id @length(max: 20)"]);
        let fields = (0..6).map(|n| Column::new(rng, n)).collect();
        Self { name: name.to_owned(), was: None, there: !rng.once_in(4), key, fields }
    }

    fn later(&self, rng: &mut Rng) -> Self {
        let mut next = self.clone();
        if rng.once_in(6) {
            next.there = !next.there;
        } else if next.there && rng.once_in(5) {
            (next.was, next.name) = (Some(self.name.clone()), format!("New{}", self.name));
        }
        if self.key == "id: Int! @id" && rng.once_in(4) {
            next.key = "id: BigInt! @id";
        }
        next.fields = self.fields.iter().map(|f| f.later(rng)).collect();
        next
    }
}

impl Column {
    fn new(rng: &mut Rng, n: usize) -> Self {
        let to = (n >= 4).then(|| rng.below(TYPES.len()));
        let mut made = Self {
            name: format!("f{n}"),
            was: None,
            there: !rng.once_in(3),
            kind: rng.below(KINDS.len()),
            required: to.is_none() && rng.once_in(2),
            marks: Vec::new(),
            to,
        };
        made.mark(rng);
        made
    }

    fn mark(&mut self, rng: &mut Rng) {
        self.marks.clear();
        let text = KINDS[self.kind].0.starts_with("String");
        if rng.once_in(3) {
            self.marks.push("@unique");
        } else if rng.once_in(4) && !KINDS[self.kind].0.eq("String") {
            self.marks.push("@index");
        }
        if text && self.to.is_none() && rng.once_in(2) {
            self.marks.push("@search");
        }
        if self.to.is_some() && rng.once_in(2) {
            self.marks.push("@relation(onDelete: CASCADE)");
        }
    }

    fn later(&self, rng: &mut Rng) -> Self {
        let mut next = self.clone();
        match rng.below(8) {
            0 => next.there = !next.there,
            1 if next.there => {
                (next.was, next.name) = (Some(self.name.clone()), format!("n{}", self.name));
            }
            2 if next.to.is_none() => next.kind = rng.below(KINDS.len()),
            3 if next.to.is_none() => next.required = !next.required,
            4 => next.to = next.to.map(|_| rng.below(TYPES.len())),
            _ => {}
        }
        if rng.once_in(4) || next.kind != self.kind {
            next.mark(rng);
        }
        next
    }

    fn text(&self, types: &[Made]) -> Option<String> {
        if !self.there {
            return None;
        }
        let was = self.was.as_ref().map_or_else(String::new, |w| format!(" @was(name: \"{w}\")"));
        let marks = self.marks.join(" ");
        let name = &self.name;
        Some(match self.to {
            Some(to) if types[to].there => format!("  {name}: {}{was} {marks}\n", types[to].name),
            Some(_) => return None,
            None => {
                let (kind, default) = KINDS[self.kind];
                let (base, rest) = kind.split_once(' ').unwrap_or((kind, ""));
                let required = if self.required { "!" } else { "" };
                format!("  {name}: {base}{required} {rest} @default(value: {default}){was} {marks}\n")
            }
        })
    }
}

fn written(types: &[Made]) -> String {
    let mut out = String::from("enum Mood { good bad }\ntype Always @model { id: ID! }\n");
    for made in types.iter().filter(|t| t.there) {
        let was = made.was.as_ref().map_or_else(String::new, |w| format!(" @was(name: \"{w}\")"));
        let fields: String = made.fields.iter().filter_map(|f| f.text(types)).collect();
        out.push_str(&format!("type {} @model{was} {{\n  {}\n{fields}}}\n", made.name, made.key));
    }
    out
}
