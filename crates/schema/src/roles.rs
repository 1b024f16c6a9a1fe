//! Actions and sets of roles. A role is one bit, so that a set keys the plan cache and a test is one `and`.

/// What a rule allows or a caller asks to do with a row or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// See, filter, order, count, embed.
    Read,
    /// Make a row.
    Create,
    /// Change a row.
    Update,
    /// Remove a row.
    Delete,
}

impl Action {
    /// All four, in the order of the documentation.
    pub const ALL: [Action; 4] = [Action::Read, Action::Create, Action::Update, Action::Delete];

    /// The word of the schema file: `READ` …
    pub const fn word(self) -> &'static str {
        match self {
            Action::Read => "READ",
            Action::Create => "CREATE",
            Action::Update => "UPDATE",
            Action::Delete => "DELETE",
        }
    }
}

/// A set of roles, one bit each; bits 0–3 are built in, the schema's own roles follow in file order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Roles(pub u64);

impl Roles {
    /// Nobody.
    pub const NONE: Roles = Roles(0);
    /// A request with a publishable key and no user.
    pub const ANON: Roles = Roles(1);
    /// A request with a user's token.
    pub const AUTHENTICATED: Roles = Roles(2);
    /// The project's secret key: passes every rule.
    pub const SERVICE: Roles = Roles(4);
    /// An administrator: passes every rule.
    pub const ADMIN: Roles = Roles(8);
    /// What an `@allow` without `roles` holds for.
    pub const EVERYBODY: Roles = Roles(3);
    /// How many roles a schema may declare.
    pub const DECLARED_MAX: usize = 60;

    /// The `n`-th role (from 0) that the schema declares.
    pub const fn declared(n: usize) -> Roles {
        Roles(1 << (n + 4))
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Roles) -> Roles {
        Roles(self.0 | other.0)
    }

    /// Whether the two sets share a role.
    pub const fn meets(self, other: Roles) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether rules do not apply to holders (service key, administrators).
    pub const fn passes_rules(self) -> bool {
        self.meets(Roles(Roles::SERVICE.0 | Roles::ADMIN.0))
    }
}
