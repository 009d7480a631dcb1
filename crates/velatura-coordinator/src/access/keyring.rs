use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use moka::future::Cache;
use velatura_ledger::{ApiKey, Ledger, LedgerError, Millis};

use super::reach::Prefix;
use super::token::Token;
use super::{Caller, Reach};
use crate::config::Access;
use crate::context::{millis, now};
use crate::error::ApiError;

/// How long a key is believed to be as the ledger had it: the longest that a revoked one still works.
const BELIEVED: Duration = Duration::from_secs(2);
/// Keys remembered at once, unknown ones too, so that guesses don't all reach the ledger.
const REMEMBERED: u64 = 10_000;
/// A use is noted in the ledger at most so often.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// Finds out who shows a key.
pub(crate) struct Keyring {
    access: Access,
    known: Cache<String, Option<Arc<Known>>>,
}

/// A key that is in the ledger.
struct Known {
    key: ApiKey,
    caller: Caller,
    noted_at: AtomicI64,
}

impl Keyring {
    pub(crate) fn new(access: Access) -> Self {
        Self {
            access,
            known: Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED).build(),
        }
    }

    /// Who sends these headers: anyone where access is off, else whose key stands in `Authorization: Bearer …`.
    pub(crate) async fn caller(&self, ledger: &dyn Ledger, headers: &HeaderMap) -> Result<Caller, ApiError> {
        if self.access == Access::Off {
            return Ok(Caller::anonymous());
        }
        let token = bearer(headers)?;
        let known = self
            .known
            .try_get_with_by_ref(&token.id, known(ledger, &token.id))
            .await;
        let known = known
            .map_err(|error: Arc<LedgerError>| ApiError::from(LedgerError::clone(&error)))?
            .filter(|known| token.matches(&known.key.hash))
            .ok_or_else(|| {
                refused(
                    "key-unknown",
                    "this API key is not known: check it, or ask for a new one",
                )
            })?;
        let now = now();
        if known.key.revoked_at.is_some() {
            return Err(refused("key-revoked", "this API key was revoked: ask for a new one"));
        }
        if known.key.expires_at.is_some_and(|at| at <= now) {
            return Err(refused("key-expired", "this API key has expired: ask for a new one"));
        }
        known.note(ledger, now).await;
        Ok(known.caller.clone())
    }
}

impl Known {
    /// Notes the use, unless it was noted a short while ago. A ledger that can't take it is no reason to refuse.
    async fn note(&self, ledger: &dyn Ledger, now: Millis) {
        let noted = self.noted_at.load(Ordering::Relaxed);
        let due = now - noted >= millis(NOTED_EVERY);
        let mine = due
            && self
                .noted_at
                .compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if mine && let Err(error) = ledger.touch_key(&self.key.id, now).await {
            tracing::debug!(key = %self.key.id, %error, "the use of a key could not be noted");
        }
    }
}

async fn known(ledger: &dyn Ledger, id: &str) -> Result<Option<Arc<Known>>, LedgerError> {
    let key = ledger.key(id).await?;
    Ok(key.map(|key| {
        Arc::new(Known {
            noted_at: AtomicI64::new(key.last_used_at.unwrap_or(0)),
            caller: Caller {
                tenant: key.tenant.clone(),
                name: key.id.clone(),
                // What a newer program may have recorded grants nothing here.
                roles: key.roles.iter().filter_map(|role| role.parse().ok()).collect(),
                sources: reach(&key.sources),
                destinations: reach(&key.destinations),
            },
            key,
        })
    }))
}

fn reach(prefixes: &[String]) -> Reach {
    Reach::Below(prefixes.iter().filter_map(|text| Prefix::parse(text).ok()).collect())
}

fn bearer(headers: &HeaderMap) -> Result<Token, ApiError> {
    let missing = || {
        let message = "an API key is needed: send it as `Authorization: Bearer vel_…`; whoever runs this coordinator \
                       makes them with `velatura keys create`";
        refused("key-missing", message)
    };
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    let message = "this is no API key of Velatura: they look like vel_…_…";
    Token::parse(token.trim()).ok_or_else(|| refused("key-unknown", message))
}

fn refused(code: &'static str, message: &str) -> ApiError {
    ApiError::Unauthenticated {
        code,
        message: message.to_owned(),
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
