//! `POST /token?grant_type=id_token`: an app has asked the provider itself, and brings what it got.

use std::sync::Arc;

use bistro_oidc::{IdToken, OidcError};
use bistro_problem::{Code, Problem};
use uuid::Uuid;

use super::enter::{self, Arrival};
use super::{counted, failed, link, may_link};
use crate::accounts::Accounts;
use crate::after::After;
use crate::flows::session::{self, Method};
use crate::flows::{Issued, user};
use crate::http::{Asked, bearer};
use crate::limits;
use crate::visit::Visit;

/// The grant.
pub async fn grant(accounts: &Arc<Accounts>, asked: &Asked) -> Result<Issued, Problem> {
    limits::trip(accounts, &asked.visit).await?;
    let fields = asked.fields()?;
    let missing = |_| Problem::new(Code::OauthInvalidRequest, "provider and id_token are required");
    let name = fields.needed("provider").map_err(missing)?;
    let token = fields.needed("id_token").map_err(missing)?;
    let provider = accounts.providers.get(name);
    let provider = provider.ok_or_else(|| {
        Problem::new(Code::ProviderNotSupported, "The provider of the ID token is not enabled here")
    })?;
    let text = |name: &str| Ok::<_, Problem>(fields.text(name)?.filter(|text| !text.is_empty()));
    let shown = IdToken { token, access_token: text("access_token")?, nonce: text("nonce")? };
    let linking = match fields.flag("link_identity")? {
        true => Some(who_links(accounts, asked).await?),
        false => None,
    };
    let person = provider.believe(&shown, asked.visit.now.seconds()).await.map_err(|error| match error {
        OidcError::Untrusted(why) => {
            Problem::new(Code::OauthInvalidRequest, format!("Bad ID token: {why}")).cause(error.to_string())
        }
        other => failed(provider, &other),
    })?;
    let mail = match linking {
        Some(_) => false,
        None => counted::count(accounts, &asked.visit, name, &person).await?,
    };
    let arrival = Arrival { provider: name.to_owned(), person, mail };
    sign_in(accounts, &asked.visit, arrival, linking, shown.access_token.map(str::to_owned)).await
}

/// The account that gets the identity: that of the token in the header.
async fn who_links(accounts: &Accounts, asked: &Asked) -> Result<Uuid, Problem> {
    may_link(accounts)?;
    let bearer = bearer(accounts, asked).await?;
    user::strong_enough(accounts, &bearer).await?;
    user::fresh(&asked.visit, &bearer, "Linking an identity requires reauthentication")?;
    Ok(bearer.account.id)
}

async fn sign_in(
    accounts: &Arc<Accounts>,
    visit: &Visit,
    arrival: Arrival,
    linking: Option<Uuid>,
    access_token: Option<String>,
) -> Result<Issued, Problem> {
    let (inside, seen) = (Arc::clone(accounts), visit.clone());
    let done = accounts.transact(
        visit,
        Box::new(move |tx| {
            Box::pin(async move {
                let mut after = After::default();
                let account = match linking {
                    Some(id) => link::to(tx, &inside, &seen, id, &arrival, &mut after).await?,
                    None => enter::enter(tx, &inside, &seen, &arrival, &mut after).await?,
                };
                let account = match account {
                    Ok(account) => account,
                    Err(problem) => return Ok((Err(problem), after)),
                };
                let mut issued = session::open(tx, &inside, &seen, account, Method::Oauth, None).await?;
                issued.provider_token = access_token;
                Ok((Ok(issued), after))
            })
        }),
    );
    done.await?
}
