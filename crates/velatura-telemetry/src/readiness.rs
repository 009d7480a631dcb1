use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// What a report says of a condition that holds.
pub(crate) const OK: &str = "ok";

/// Whether a role can do its work now, and if not, why: the sum of its conditions.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Each condition and why it does not hold.
    conditions: BTreeMap<&'static str, Option<String>>,
    facts: BTreeMap<&'static str, String>,
}

/// What `/readyz` says, or `/readyz/CONDITION` of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every condition in it holds.
    pub ready: bool,
    /// Each condition: `ok`, or why not.
    pub conditions: BTreeMap<&'static str, String>,
    /// What else an operator wants to see, such as the provider in use.
    #[serde(flatten)]
    pub facts: BTreeMap<&'static str, String>,
}

/// One thing that must hold before a role is ready.
#[derive(Debug, Clone)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Readiness {
    /// A condition that does not hold yet.
    pub fn condition(&self, name: &'static str) -> Condition {
        let condition = Condition {
            name,
            readiness: self.clone(),
        };
        condition.fails("not yet");
        condition
    }

    /// Something to show beside the conditions.
    pub fn fact(&self, name: &'static str, value: impl Into<String>) {
        self.with(|state| state.facts.insert(name, value.into()));
    }

    /// What holds and what does not.
    pub fn report(&self) -> Report {
        self.with(|state| Report {
            ready: state.conditions.values().all(Option::is_none),
            conditions: state
                .conditions
                .iter()
                .map(|(name, reason)| (*name, reason.clone().unwrap_or_else(|| OK.to_owned())))
                .collect(),
            facts: state.facts.clone(),
        })
    }

    /// One condition alone, for whoever needs no more of the role than what it stands for; the error has the names of those
    /// there are.
    pub fn report_of(&self, name: &str) -> Result<Report, Vec<&'static str>> {
        let all = self.report().conditions;
        match all.get_key_value(name) {
            Some((name, state)) => Ok(Report {
                ready: state == OK,
                conditions: BTreeMap::from([(*name, state.clone())]),
                facts: BTreeMap::new(),
            }),
            None => Err(all.into_keys().collect()),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Condition {
    /// From now on it holds.
    pub fn holds(&self) {
        self.set(None);
    }

    /// From now on it does not, for this reason.
    pub fn fails(&self, reason: impl Into<String>) {
        self.set(Some(reason.into()));
    }

    /// It holds, or fails with the error's sentence.
    pub fn follows<T, E: std::fmt::Display>(&self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.holds(),
            Err(error) => self.fails(error.to_string()),
        }
    }

    /// Says each change once in the log.
    fn set(&self, reason: Option<String>) {
        let before = self
            .readiness
            .with(|state| state.conditions.insert(self.name, reason.clone()));
        match (before, reason) {
            (Some(None), Some(reason)) => tracing::warn!(condition = self.name, %reason, "not ready"),
            (Some(Some(_)), None) => tracing::info!(condition = self.name, "ready"),
            _ => {}
        }
    }
}
