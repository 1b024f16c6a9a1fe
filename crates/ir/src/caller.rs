//! Who asks.

use std::net::IpAddr;
use std::sync::Arc;

use bistro_schema::Roles;

use crate::scopes::Scopes;

/// What kind of credential named the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// A publishable key alone.
    Anonymous,
    /// A user's token.
    User,
    /// The project's secret key.
    Service,
    /// A key of a machine, with roles of its own.
    Machine,
}

/// Who asks, as rules see them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What named the caller.
    pub kind: CallerKind,
    /// The claim `role`: `anon`, `authenticated` or `service_role`.
    pub role: &'static str,
    /// All roles, closed; keys the plan cache.
    pub roles: Roles,
    /// `sub` if it is a UUID.
    pub id: Option<[u8; 16]>,
    /// All claims as JSON text; `{}` without a token.
    pub claims: Arc<str>,
    /// The client's address, where a connection has one.
    pub ip: Option<IpAddr>,
    /// The session, if the token is one of our own.
    pub session: Option<[u8; 16]>,
    /// What an application may do for the person; `None` where no application stands between.
    pub scopes: Option<Arc<Scopes>>,
}

impl Caller {
    /// Nobody in particular.
    pub fn anonymous() -> Self {
        let claims = Arc::from("{}");
        Self {
            kind: CallerKind::Anonymous,
            role: "anon",
            roles: Roles::ANON,
            id: None,
            claims,
            ip: None,
            session: None,
            scopes: None,
        }
    }

    /// The project's secret key: passes every rule.
    pub fn service() -> Self {
        Self { kind: CallerKind::Service, role: "service_role", roles: Roles::SERVICE, ..Self::anonymous() }
    }

    /// A signed-in user with no further roles.
    pub fn user(id: [u8; 16]) -> Self {
        let (kind, roles) = (CallerKind::User, Roles::AUTHENTICATED);
        Self { kind, role: "authenticated", roles, id: Some(id), ..Self::anonymous() }
    }

    /// The same caller with more roles.
    #[must_use]
    pub fn with_roles(mut self, roles: Roles) -> Self {
        self.roles = self.roles.with(roles);
        self
    }
}
