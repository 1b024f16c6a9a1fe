//! The dialect of `/auth/v1` on HTTP: requests in, replies out. Flows know nothing of it.

mod asked;
mod caller;
mod fields;
mod reply;
mod user;

pub use asked::Asked;
pub use caller::{Bearer, admin, bearer, gate, holder, seated};
pub use fields::Fields;
pub use reply::{failure, json, nothing, ok, public_code, redirect};
pub use user::{app_metadata, factor_json, identity_json, session_json, user_json};
