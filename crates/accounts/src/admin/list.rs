//! `GET /admin/users`: accounts in pages, the newest first.

use std::sync::Arc;

use bistro_problem::{Code, Problem};
use bistro_wire::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::data::records::{Account, Factor, Identity};
use crate::data::{any_of, holds, null};
use crate::http::{Asked, admin, ok, user_json};
use crate::redirect::encoded;
use crate::surface::Answered;

/// Accounts of a page, where nothing else is asked for, and at most.
const PAGE: u64 = 50;
const PAGE_MOST: u64 = 1_000;
/// The longest part of an address that is looked for, in bytes.
const PART_MOST: usize = 320;

/// A page that was asked for.
pub(super) struct Page {
    pub(super) number: u64,
    pub(super) size: u64,
}

impl Page {
    /// From `page` and `per_page`.
    pub(super) fn of(asked: &Asked) -> Result<Self, Problem> {
        let number = |name: &str, usual: u64| {
            let wrong = |_| Problem::new(Code::ValidationFailed, format!("{name} must be a whole number"));
            asked.query(name).map_or(Ok(usual), |text| text.parse().map_err(wrong))
        };
        let (page, size) = (number("page", 1)?.max(1), number("per_page", PAGE)?);
        if page > 1_000_000 || size > PAGE_MOST {
            let message = format!("per_page is at most {PAGE_MOST}, page at most 1000000");
            return Err(Problem::new(Code::ValidationFailed, message));
        }
        Ok(Self { number: page, size: size.max(1) })
    }

    /// How many entries come before it.
    pub(super) fn skips(&self) -> u64 {
        (self.number - 1) * self.size
    }

    /// The headers that clients read pages from; `kept` (`&name=value…`) narrows the other pages as it did this one.
    pub(super) fn dress(&self, response: Response, path: &str, kept: &str, total: u64) -> Response {
        let last = total.div_ceil(self.size).max(1);
        let link = |page: u64, word: &str| {
            format!("<{path}?page={page}&per_page={}{kept}>; rel=\"{word}\"", self.size)
        };
        let mut links = Vec::new();
        if self.number < last {
            links.push(link(self.number + 1, "next"));
        }
        links.push(link(last, "last"));
        response.header("x-total-count", total.to_string()).header("link", links.join(", "))
    }
}

/// The endpoint.
pub async fn list(accounts: &Arc<Accounts>, asked: &Asked) -> Answered {
    admin(accounts, asked).await?;
    let page = Page::of(asked)?;
    // By a part of the address, which is kept in lower case.
    let part = asked.query("filter").map(|text| text.trim().to_lowercase());
    if part.as_ref().is_some_and(|part| part.len() > PART_MOST || part.contains('\0')) {
        let message = format!("filter is a part of an address, of at most {PART_MOST} bytes");
        return Err(Problem::new(Code::ValidationFailed, message));
    }
    let wanted = || match &part {
        Some(part) => null("deleted_at").and(holds("email", part)),
        None => null("deleted_at"),
    };
    let total = accounts.data.count::<Account>(wanted()).await?;
    let newest = wanted().newest("created_at").newest("id").offset(page.skips()).limit(page.size);
    let found = accounts.data.find::<Account>(newest).await?;
    let ids: Vec<Uuid> = found.iter().map(|account| account.id).collect();
    let of_all = || any_of("account_id", ids.clone()).oldest("created_at").limit(PAGE_MOST * 20);
    let identities = accounts.data.find::<Identity>(of_all()).await?;
    let factors = accounts.data.find::<Factor>(of_all()).await?;
    let users: Vec<Value> = found
        .iter()
        .map(|account| {
            let identities: Vec<_> =
                identities.iter().filter(|i| i.account_id == account.id).cloned().collect();
            let factors: Vec<_> = factors.iter().filter(|f| f.account_id == account.id).cloned().collect();
            user_json(account, &identities, &factors)
        })
        .collect();
    let response = ok(&json!({"users": users, "aud": "authenticated"}));
    let kept = part.map_or_else(String::new, |part| format!("&{}", encoded(&[("filter", part.as_str())])));
    Ok(page.dress(response, "/admin/users", &kept, total))
}
