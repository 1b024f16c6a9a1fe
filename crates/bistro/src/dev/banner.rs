//! What `bistro dev` prints after its first line: addresses, keys, and commands that work when pasted.

use std::process::{Command, Stdio};

use bistro_auth::{MintRequest, mint};

use super::sample::{self, Sample};
use crate::clock::now_s;
use crate::running::Running;

/// How long the token in the commands holds.
const TOKEN_TTL_S: i64 = 86_400;

/// The block of text.
pub(super) async fn banner(running: &Running, news: &[String]) -> String {
    let keys = running.authenticator.keys();
    let url = &running.url;
    let mut out = String::from("\n");
    for line in news {
        out.push_str(&format!("  {line}\n"));
    }
    if !news.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("  REST         {url}/rest/v1\n"));
    let graphql = running.graphql();
    if graphql.enabled {
        let explorer =
            if graphql.explorer { format!("   (explorer at {url}/graphql)") } else { String::new() };
        out.push_str(&format!("  GraphQL      {url}/graphql/v1{explorer}\n"));
    }
    if running.speaks_soap() {
        out.push_str(&format!("  SOAP         {url}/soap/v1   (WSDL at {url}/soap/v1?wsdl)\n"));
    }
    if running.accounts().is_some() {
        let mail = if running.catches_mail() {
            format!("   (pages at {url}/auth/v1/ui, mail at {url}/dev/mail)")
        } else {
            String::new()
        };
        out.push_str(&format!("  Accounts     {url}/auth/v1{mail}\n"));
    }
    out.push_str(&format!("  Docs         {url}/docs\n"));
    out.push_str(&format!("  Publishable  {}\n", keys.publishable()));
    out.push_str(&format!("  Secret       {}   (passes every rule)\n", keys.secret()));
    if running.open() {
        out.push_str("  Open         requests without a key act as the service\n");
    }
    let engine = running.engine();
    if let Some(sample) = sample::find(&engine).await {
        let token = sample.person.as_deref().and_then(|sub| {
            let request = MintRequest {
                sub: Some(sub),
                role: "authenticated",
                roles: &[],
                claims: None,
                ttl_s: TOKEN_TTL_S,
            };
            mint(&keys, &request, now_s()).ok()
        });
        out.push_str(&commands(url, keys.publishable(), keys.secret(), token.as_deref(), &sample));
        if running.signs_up_at_once() {
            out.push_str(&sign_up(url, keys.publishable(), &sample));
        }
    }
    out.push_str(&format!(
        "\n  import {{ createClient }} from '@supabase/supabase-js'\n  const db = createClient('{url}', '{}')\n\n",
        keys.publishable()
    ));
    out
}

/// Three commands: list, create, read back.
fn commands(url: &str, publishable: &str, secret: &str, token: Option<&str>, sample: &Sample) -> String {
    let key = if sample.as_service { secret } else { publishable };
    let bearer = token.map_or_else(String::new, |t| format!(" -H 'Authorization: Bearer {t}'"));
    let who = match (&sample.name, token) {
        _ if sample.as_service => " with the secret key".to_owned(),
        (Some(name), Some(_)) => format!(" as {name}"),
        _ => String::new(),
    };
    let collection = &sample.collection;
    let list_bearer = if sample.list_alone { "" } else { &bearer };
    let list = format!("  curl -sS '{url}/rest/v1/{collection}?limit=3' -H 'apikey: {key}'{list_bearer}\n");
    let Some(body) = &sample.body else { return format!("\n  List:\n{list}") };
    format!(
        "\n  List, create, read back{who}:\n{list}  curl -sS '{url}/rest/v1/{collection}' -H 'apikey: {key}'{bearer} \
         -H 'Content-Type: application/json' -H 'Prefer: return=representation' -d '{body}'\n  \
         curl -sS '{url}/rest/v1/{collection}?{}' -H 'apikey: {key}'{bearer}\n",
        sample.read_back
    )
}

/// Signs somebody up and lets them write; nothing where the sample needs the secret key, or a certain person.
fn sign_up(url: &str, key: &str, sample: &Sample) -> String {
    let (Some(person), Some(body)) = (&sample.person, &sample.body) else { return String::new() };
    if sample.as_service || body.contains(person.as_str()) {
        return String::new();
    }
    // Beside what the commands above wrote.
    let (body, collection) =
        (body.replace("from curl", "from me").replace("from-curl", "from-me"), &sample.collection);
    format!(
        "\n  Sign up, and do it as yourself:\n  TOKEN=$(curl -sS '{url}/auth/v1/signup' -H 'apikey: {key}' -H 'Content-Type: application/json' \
         -d \"{{\\\"email\\\": \\\"me-$$@example.org\\\", \\\"password\\\": \\\"a garden of kolibris\\\"}}\" | sed -E 's/.*\"access_token\":\"([^\"]+)\".*/\\1/') && \
         curl -sS '{url}/rest/v1/{collection}' -H 'apikey: {key}' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \
         -H 'Prefer: return=representation' -d '{body}'\n"
    )
}

/// Opens a page in the browser of this machine, if it has one.
pub(super) fn open_browser(url: &str) {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start"]),
        _ => ("xdg-open", &[]),
    };
    let started = Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Err(error) = started {
        tracing::warn!(%error, url, "no browser could be started");
    }
}
