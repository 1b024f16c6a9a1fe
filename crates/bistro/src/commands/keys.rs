//! `bistro keys`.

use bistro_auth::{AuthError, MintRequest, Secrets, TokenKeyState, legacy_keys, mint};
use serde_json::json;

use crate::cli::{Keys, Token};
use crate::clock::now_s;
use crate::control::Ask;
use crate::error::Failure;
use crate::offline::{self, Offline};
use crate::project::Project;
use crate::secrets::Keep;
use crate::{account, caller, secrets, terminal};

/// Lists, makes and revokes keys; mints tokens.
pub(crate) async fn keys(project: &Project, command: &Keys) -> Result<(), Failure> {
    match command {
        Keys::List { json } => list(project, *json).await,
        Keys::Add { name, role, expires, json } => add(project, name, role, *expires, *json).await,
        Keys::Revoke { name } => {
            let revoked = name.clone();
            let keep = Keep::open(project).await?;
            keep.update(move |secrets| secrets.revoke_machine(&revoked)).await?;
            told(project)?;
            terminal::line(&format!("{name} has no key any more"));
            Ok(())
        }
        Keys::Rotate { revoke, legacy, secret, publishable } => {
            let wanted = Rotate {
                revoke: revoke.clone(),
                legacy: *legacy,
                secret: *secret,
                publishable: *publishable,
            };
            rotate(project, wanted).await
        }
        Keys::Token(args) => token(project, args).await,
    }
}

/// Lets a running server read the keys again.
fn told(project: &Project) -> Result<(), Failure> {
    offline::ask(project, &Ask::Keys, |_, _| {}).map(drop)
}

async fn list(project: &Project, json: bool) -> Result<(), Failure> {
    let secrets = Keep::open(project).await?.load_or_create().await?;
    let keyring = secrets::keyring(project, &secrets, None)?;
    let (anon, service) = legacy_keys(&keyring)?;
    let url = match offline::ask(project, &Ask::Status, |_, _| {})? {
        Some(url) => url,
        None => {
            let server = &project.settings.server;
            server.public_url.clone().unwrap_or_else(|| format!("http://{}", server.listen))
        }
    };
    let (publishable, secret) = (keyring.publishable(), keyring.secret());
    if json {
        let keys = json!({
            "url": url, "publishable": publishable, "secret": secret, "anon": anon, "service_role": service,
        });
        terminal::line(&keys.to_string());
        return Ok(());
    }
    let mut text = format!(
        "url           {url}\npublishable   {publishable}\nsecret        {secret}\nanon          {anon}\nservice_role  {service}\n"
    );
    for key in &secrets.tokens {
        let state = match secrets.token_key_state(key, now_s()) {
            TokenKeyState::Announced => format!("signs from {}", minute(key.signs_from)),
            TokenKeyState::Signs => format!("signs since {}", day(key.signs_from)),
            TokenKeyState::Verifies { until } => format!("verifies until {}", day(until)),
        };
        text.push_str(&format!("signing       {} {}, {state}\n", key.kid, key.algorithm));
    }
    for (n, secret) in secrets.signing.iter().enumerate() {
        let does = if n == 0 { "signs" } else { "verifies" };
        text.push_str(&format!("secret key    {} HS256, {does} since {}\n", secret.kid, day(secret.created)));
    }
    for machine in &secrets.machines {
        let end = machine.expires.map_or_else(String::new, |at| format!(", until {}", day(at)));
        text.push_str(&format!("machine       {} ({}){end}\n", machine.name, machine.roles.join(", ")));
    }
    terminal::out(&text);
    Ok(())
}

/// The day of a time in seconds since the epoch.
fn day(at_s: i64) -> String {
    written(at_s, 10)
}

/// The minute of a time in seconds since the epoch, in UTC.
fn minute(at_s: i64) -> String {
    format!("{} UTC", written(at_s, 16).replace('T', " "))
}

fn written(at_s: i64, characters: usize) -> String {
    let mut text = Vec::new();
    let value = bistro_schema::ValueRef::DateTime(at_s.saturating_mul(1_000_000));
    bistro_schema::text::write_plain(value, &mut text);
    String::from_utf8_lossy(&text).chars().take(characters).collect()
}

async fn add(
    project: &Project,
    name: &str,
    roles: &[String],
    expires: Option<i64>,
    json: bool,
) -> Result<(), Failure> {
    judge_roles(project, roles)?;
    let (named, roled) = (name.to_owned(), roles.to_vec());
    let add = move |s: &mut Secrets| s.add_machine(&named, &roled, expires, now_s());
    let (made, _) = Keep::open(project).await?.update(add).await?;
    told(project)?;
    if json {
        terminal::line(&json!({ "name": made.name, "key": made.key }).to_string());
    } else {
        terminal::line(&made.key);
        terminal::err("This key is shown once.\n");
    }
    Ok(())
}

/// What `bistro keys rotate` was asked for.
struct Rotate {
    revoke: Option<String>,
    legacy: bool,
    secret: bool,
    publishable: bool,
}

async fn rotate(project: &Project, wanted: Rotate) -> Result<(), Failure> {
    let algorithm = project.settings.auth.signing.name();
    let with_secret = wanted.legacy || (wanted.nothing_named() && algorithm == "HS256");
    let change = move |secrets: &mut Secrets| rotated(secrets, &wanted, algorithm);
    let (text, _) = Keep::open(project).await?.update(change).await?;
    told(project)?;
    terminal::line(&text);
    if project.settings.auth.jwt_secret.is_some() && with_secret {
        terminal::err("auth.jwt_secret is set: it signs and verifies in place of the secrets made here.\n");
    }
    Ok(())
}

impl Rotate {
    /// Whether the keys that sign are meant.
    fn nothing_named(&self) -> bool {
        self.revoke.is_none() && !self.legacy && !self.secret && !self.publishable
    }
}

/// Changes the secrets; says what was done, in lines.
fn rotated(secrets: &mut Secrets, wanted: &Rotate, algorithm: &str) -> Result<String, AuthError> {
    let mut said = Vec::new();
    if let Some(kid) = wanted.revoke.as_deref() {
        secrets.revoke_signing(kid, now_s())?;
        said.push(format!("{kid} verifies no token any more"));
    }
    if wanted.nothing_named() {
        for key in secrets.rotate_token_keys(algorithm, now_s())? {
            said.push(format!("{} signs {} tokens from {}", key.kid, key.algorithm, minute(key.signs_from)));
        }
    }
    if wanted.legacy || (wanted.nothing_named() && algorithm == "HS256") {
        said.push(format!("{} signs HS256 tokens from now on", secrets.rotate_secret(now_s())?));
    }
    if wanted.secret {
        secrets.renew_secret()?;
        said.push(format!("secret        {}", secrets.secret));
    }
    if wanted.publishable {
        secrets.renew_publishable()?;
        said.push(format!("publishable   {}", secrets.publishable));
    }
    Ok(said.join("\n"))
}

async fn token(project: &Project, args: &Token) -> Result<(), Failure> {
    judge_roles(project, &args.role)?;
    let secrets = Keep::open(project).await?.load_or_create().await?;
    let keyring = secrets::keyring(project, &secrets, None)?;
    let (role, roles) =
        args.role.split_first().map_or(("authenticated", &[][..]), |(first, rest)| (first.as_str(), rest));
    let request = MintRequest {
        sub: args.sub.as_deref(),
        role,
        roles,
        claims: args.claims.as_deref(),
        ttl_s: args.ttl,
    };
    let token = mint(&keyring, &request, now_s())?;
    if let Some(sub) = &args.sub {
        let warning = account(project, sub, args.create.as_deref()).await?;
        if !warning.is_empty() {
            terminal::err(&format!("warning: {warning}\n"));
        }
    } else if args.create.is_some() {
        return Err(Failure::Usage("--create needs --sub".into()));
    }
    terminal::line(&if args.json { json!({ "token": token }).to_string() } else { token });
    Ok(())
}

/// Looks for the account of a token, or makes it; answers a warning, or nothing.
async fn account(project: &Project, sub: &str, create: Option<&str>) -> Result<String, Failure> {
    let ask = Ask::Account { sub: sub.to_owned(), create: create.map(str::to_owned) };
    if let Some(warning) = offline::ask(project, &ask, |_, _| {})? {
        return Ok(warning);
    }
    if create.is_none() && !project.has_database() {
        return Ok(String::new());
    }
    match Offline::open(project).await {
        Ok(offline) => {
            let told = account::look_or_make(&offline.engine, sub, create).await;
            offline.close();
            told
        }
        // A token can be minted whatever state schema and tables are in; only making a row needs them.
        Err(failure) if create.is_none() => Ok(format!("no account was looked for: {failure}")),
        Err(failure) => Err(failure),
    }
}

/// Refuses roles that the schema does not have, where there is a schema.
fn judge_roles(project: &Project, roles: &[String]) -> Result<(), Failure> {
    let Ok(text) = std::fs::read_to_string(project.schema_path()) else { return Ok(()) };
    let schema = bistro_sdl::read("schema.graphql", &text).schema;
    roles.iter().try_for_each(|role| caller::known_role(&schema, role))
}
