use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time;

use crate::{Object, ObjectError, ObjectMeta, ObjectStore, Page, PutOptions};

/// A store that fails as storage does, for tests of those who use one.
///
/// Faults are added as it goes and apply from then on; the first that strikes a call decides, delays add up. The same
/// seed and the same order of calls give the same faults.
#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    state: Mutex<State>,
}

/// The kinds of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// [`ObjectStore::head`], of whatever version
    Head,
    /// [`ObjectStore::get`], of whatever version, and [`ObjectStore::read`]
    Get,
    /// [`ObjectStore::put`]
    Put,
    /// [`ObjectStore::delete`]
    Delete,
    /// [`ObjectStore::list`]
    List,
}

/// What a fault does to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing happens but an error that may pass: `storage-unavailable`.
    Fail,
    /// Nothing happens but an error that asks for patience: `storage-throttled`.
    Throttle,
    /// Nothing happens but an error that will not pass: `access-denied`.
    Deny,
    /// It happens, but the answer is lost: `storage-unavailable`.
    LoseAnswer,
    /// It happens, after this time.
    Delay(Duration),
    /// A get gives only the first half of the bytes, as from a damaged disk; nothing happens to other calls.
    Truncate,
}

#[derive(Debug)]
struct State {
    faults: Vec<Fault>,
    calls: BTreeMap<Operation, u64>,
    seed: u64,
}

#[derive(Debug)]
struct Fault {
    on: Operation,
    when: When,
    effect: Effect,
}

#[derive(Debug)]
enum When {
    Always,
    /// The call with this number, the first being 1.
    Nth(u64),
    /// One in so many, by chance.
    OneIn(u64),
}

impl Faulty {
    /// A store without faults so far.
    pub fn new(inner: Arc<dyn ObjectStore>, seed: u64) -> Self {
        let state = State {
            faults: Vec::new(),
            calls: BTreeMap::new(),
            seed,
        };
        Self {
            inner,
            state: Mutex::new(state),
        }
    }

    /// Strikes every call of a kind.
    pub fn always(&self, on: Operation, effect: Effect) -> &Self {
        self.add(on, When::Always, effect)
    }

    /// Strikes the nth call of a kind, counted from the first that this store has seen, which is 1.
    pub fn nth(&self, on: Operation, nth: u64, effect: Effect) -> &Self {
        self.add(on, When::Nth(nth), effect)
    }

    /// Strikes one in so many calls of a kind, by chance.
    pub fn one_in(&self, on: Operation, many: u64, effect: Effect) -> &Self {
        self.add(on, When::OneIn(many.max(1)), effect)
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// How many calls of a kind there were.
    pub fn calls(&self, operation: Operation) -> u64 {
        self.state().calls.get(&operation).copied().unwrap_or_default()
    }

    fn add(&self, on: Operation, when: When, effect: Effect) -> &Self {
        self.state().faults.push(Fault { on, when, effect });
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, waits as long as it is to, and says what else happens to it.
    async fn strike(&self, operation: Operation, key: &str) -> Result<Option<Effect>, ObjectError> {
        let (delay, effect) = self.state().next(operation);
        time::sleep(delay).await;
        match effect {
            Some(Effect::Fail) => Err(unavailable(operation, key)),
            Some(Effect::Throttle) => Err(ObjectError::Throttled {
                object: key.to_owned(),
                reason: format!("an injected fault of {operation}"),
                source: None,
            }),
            Some(Effect::Deny) => Err(ObjectError::Denied {
                object: key.to_owned(),
                reason: format!("an injected fault of {operation}"),
                source: None,
            }),
            other => Ok(other),
        }
    }
}

impl State {
    fn next(&mut self, operation: Operation) -> (Duration, Option<Effect>) {
        let call = self.calls.entry(operation).or_default();
        *call += 1;
        let call = *call;
        let mut delay = Duration::ZERO;
        let mut effect = None;
        for fault in self.faults.iter().filter(|fault| fault.on == operation) {
            let strikes = match fault.when {
                When::Always => true,
                When::Nth(nth) => nth == call,
                When::OneIn(many) => splitmix(&mut self.seed).is_multiple_of(many),
            };
            match fault.effect {
                _ if !strikes => {}
                Effect::Delay(time) => delay += time,
                Effect::Fail | Effect::Throttle | Effect::Deny | Effect::LoseAnswer | Effect::Truncate => {
                    effect = effect.or(Some(fault.effect));
                }
            }
        }
        (delay, effect)
    }
}

/// SplitMix64 by Steele, Lea and Flood: small, and the same everywhere.
fn splitmix(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn unavailable(operation: Operation, key: &str) -> ObjectError {
    ObjectError::Unavailable {
        object: key.to_owned(),
        reason: format!("an injected fault of {operation}"),
        source: None,
    }
}

/// What a damaged disk leaves of an object.
fn cut(effect: Option<Effect>, mut object: Object) -> Object {
    if effect == Some(Effect::Truncate) {
        object.body.truncate(object.body.len() / 2);
    }
    object
}

/// The answer to a call that was carried out.
fn answer<T>(effect: Option<Effect>, operation: Operation, key: &str, value: T) -> Result<T, ObjectError> {
    match effect {
        Some(Effect::LoseAnswer) => Err(unavailable(operation, key)),
        _ => Ok(value),
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "HEAD",
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::List => "LIST",
        })
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl ObjectStore for Faulty {
    async fn head(&self, key: &str) -> Result<ObjectMeta, ObjectError> {
        let effect = self.strike(Operation::Head, key).await?;
        answer(effect, Operation::Head, key, self.inner.head(key).await?)
    }

    async fn get(&self, key: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let effect = self.strike(Operation::Get, key).await?;
        let object = self.inner.get(key, limit_bytes).await?;
        answer(effect, Operation::Get, key, cut(effect, object))
    }

    async fn head_version(&self, key: &str, version_id: &str) -> Result<ObjectMeta, ObjectError> {
        let effect = self.strike(Operation::Head, key).await?;
        let meta = self.inner.head_version(key, version_id).await?;
        answer(effect, Operation::Head, key, meta)
    }

    async fn get_version(&self, key: &str, version_id: &str, limit_bytes: u64) -> Result<Object, ObjectError> {
        let effect = self.strike(Operation::Get, key).await?;
        let object = self.inner.get_version(key, version_id, limit_bytes).await?;
        answer(effect, Operation::Get, key, cut(effect, object))
    }

    async fn read(&self, key: &str, from: u64, length: u64) -> Result<Object, ObjectError> {
        let effect = self.strike(Operation::Get, key).await?;
        let object = self.inner.read(key, from, length).await?;
        answer(effect, Operation::Get, key, cut(effect, object))
    }

    async fn put(&self, key: &str, body: Bytes, options: PutOptions) -> Result<String, ObjectError> {
        let effect = self.strike(Operation::Put, key).await?;
        answer(effect, Operation::Put, key, self.inner.put(key, body, options).await?)
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        let effect = self.strike(Operation::Delete, key).await?;
        self.inner.delete(key).await?;
        answer(effect, Operation::Delete, key, ())
    }

    async fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, ObjectError> {
        let effect = self.strike(Operation::List, prefix).await?;
        answer(
            effect,
            Operation::List,
            prefix,
            self.inner.list(prefix, after, limit).await?,
        )
    }
}
