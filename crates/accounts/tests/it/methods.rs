//! Every endpoint answers its methods, and says which they are to who asks by another.

use bistro_accounts::Settings;
use serde_json::Value;

use crate::seat::{Seat, settings};

/// The endpoints with their methods.
const ENDPOINTS: &str = "
GET /health
GET /settings
GET /.well-known/jwks.json
GET /.well-known/openid-configuration
GET /authorize
GET POST /callback
GET POST /verify
POST /signup
POST /token
POST /logout
POST /otp
POST /recover
POST /resend
POST /sso
POST /invite
GET /reauthenticate
GET PUT /user
GET /user/sessions
DELETE /user/sessions/ID
GET DELETE /user/identities/authorize
DELETE /user/identities/ID
GET DELETE /user/oauth/grants
GET POST /admin/users
GET PUT DELETE /admin/users/ID
GET /admin/users/ID/factors
DELETE /admin/users/ID/factors/ID
GET /admin/users/ID/passkeys
DELETE /admin/users/ID/passkeys/ID
POST /admin/generate_link
GET /admin/audit
GET POST /admin/oauth/clients
GET PUT DELETE /admin/oauth/clients/ID
POST /admin/oauth/clients/ID/regenerate_secret
GET POST /oauth/authorize
POST /oauth/token
GET POST /oauth/userinfo
POST /oauth/revoke
POST /oauth/introspect
GET /oauth/authorizations/ID
POST /oauth/authorizations/ID/consent
GET /passkeys
PATCH DELETE /passkeys/ID
POST /passkeys/registration/options
POST /passkeys/registration/verify
POST /passkeys/authentication/options
POST /passkeys/authentication/verify
POST /factors
DELETE /factors/ID
POST /factors/ID/challenge
POST /factors/ID/verify
POST DELETE /factors/recovery-codes
POST /factors/recovery-codes/verify
";

#[test]
fn an_endpoint_says_which_methods_it_answers() {
    let seat = Seat::new(Settings { confirm_email: false, ..settings() });
    for line in ENDPOINTS.lines().filter(|line| !line.is_empty()) {
        let (methods, path) = line.rsplit_once(' ').unwrap();
        let path = path.replace("ID", "01000000-0000-7000-8000-000000000001");
        let answers = methods.replace("GET", "GET HEAD").replace(' ', ", ");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let reply = seat.ask(&format!("{method} {path}"), Value::Null, None);
            let served = methods.contains(method);
            assert_eq!(reply.status != 405, served, "{method} {path}: {}", reply.body);
            let unknown = reply.body.to_string().contains("Nothing is served");
            assert_eq!(unknown, !served, "{method} {path}: {}", reply.body);
            if !served {
                assert_eq!(reply.header("allow"), answers, "{method} {path}");
            }
        }
    }
    let nowhere = seat.ask("GET /nowhere", Value::Null, None);
    assert_eq!((nowhere.status, nowhere.header("allow")), (404, ""));
}
