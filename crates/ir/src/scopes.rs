//! What an application may do for the person who let it in, beside what that person may do.

use std::collections::BTreeSet;

/// The scopes of a token that belongs to an OAuth application, as far as they are about data. Rules still apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// What may be read.
    pub read: Reach,
    /// What may be written.
    pub write: Reach,
}

/// A set of collections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None.
    Nothing,
    /// All.
    Everything,
    /// These, sorted.
    Only(Box<[String]>),
}

impl Scopes {
    /// Reads the words of a scope: `data:read`, `data:write`, `data:<collection>:read`, `data:<collection>:write`. Others
    /// are about something else and give no access to data.
    pub fn parse(scope: &str) -> Self {
        let reach = |verb: &str| {
            let mut only = BTreeSet::new();
            for word in scope.split_ascii_whitespace().filter_map(|word| word.strip_prefix("data:")) {
                if word == verb {
                    return Reach::Everything;
                }
                if let Some(collection) = word.strip_suffix(verb).and_then(|rest| rest.strip_suffix(':')) {
                    only.insert(collection.to_owned());
                }
            }
            if only.is_empty() { Reach::Nothing } else { Reach::Only(only.into_iter().collect()) }
        };
        Self { read: reach("read"), write: reach("write") }
    }

    /// Whether rows of the collection may be read.
    pub fn reads(&self, collection: &str) -> bool {
        self.read.holds(collection)
    }

    /// Whether rows of the collection may be written.
    pub fn writes(&self, collection: &str) -> bool {
        self.write.holds(collection)
    }
}

impl Reach {
    fn holds(&self, collection: &str) -> bool {
        match self {
            Reach::Nothing => false,
            Reach::Everything => true,
            Reach::Only(all) => all.binary_search_by(|one| one.as_str().cmp(collection)).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scopes;

    #[test]
    fn scopes_reach_what_they_name() {
        let check = |scope: &str, collection: &str, expected: (bool, bool)| {
            let scopes = Scopes::parse(scope);
            assert_eq!(
                (scopes.reads(collection), scopes.writes(collection)),
                expected,
                "{scope} {collection}"
            );
        };
        check("", "posts", (false, false));
        check("openid profile email", "posts", (false, false));
        check("data:read", "posts", (true, false));
        check("openid data:read data:write", "posts", (true, true));
        check("data:posts:read", "posts", (true, false));
        check("data:posts:read", "users", (false, false));
        check("data:tags:write data:posts:read", "tags", (false, true));
        check("data:posts:reads data::read data:read:posts", "posts", (false, false));
        check("DATA:READ", "posts", (false, false));
    }
}
