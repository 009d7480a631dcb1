//! What an operator may want to change without deleting queues.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::info;

use super::management::Management;
use crate::{QueueConfig, QueueError, QueueName};

/// The same file that operators import by hand.
const SHIPPED: &str = include_str!("../../../../deploy/rabbitmq/policies.json");

/// Settings for the queues whose names match a pattern. Of several that match a queue RabbitMQ applies only the one with
/// the highest priority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Unique in its vhost.
    pub name: String,
    /// A regular expression over names of queues.
    pub pattern: String,
    /// What it is for: always `queues` here.
    #[serde(rename = "apply-to")]
    pub apply_to: String,
    /// The highest that matches a queue wins.
    pub priority: i64,
    /// The settings, by RabbitMQ's names.
    pub definition: BTreeMap<String, Value>,
}

/// A policy that is wanted, and what the broker has under its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What is wanted.
    pub wanted: Policy,
    /// What is there, if anything.
    pub there: Option<Policy>,
}

/// A setting that is not as wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// `pattern`, `apply-to`, `priority`, or a name of the definition.
    pub setting: String,
    /// What is there, if anything.
    pub there: Option<Value>,
    /// What is wanted, if anything.
    pub wanted: Option<Value>,
}

/// How a vhost's policies compare with those that the system wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// RabbitMQ's version.
    pub version: String,
    /// Whose policies these are.
    pub vhost: String,
    /// Each policy that is wanted.
    pub policies: Vec<Compared>,
    /// Queues of the system that follow another policy, with its name: somebody's with a higher priority.
    pub overruled: BTreeMap<String, String>,
}

/// The policies of a broker, through its management API.
#[derive(Debug)]
pub struct Policies {
    management: Management,
}

#[derive(Deserialize)]
struct File {
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
struct Overview {
    rabbitmq_version: String,
}

#[derive(Deserialize)]
struct Queue {
    name: String,
    policy: Option<String>,
}

impl Policy {
    /// The policies that the system wants: those of `deploy/rabbitmq/policies.json`.
    pub fn wanted() -> Vec<Self> {
        let File { policies } = serde_json::from_str(SHIPPED).expect("a test reads the file");
        policies
    }

    fn settings(&self) -> BTreeMap<&str, Value> {
        let own = [
            ("pattern", Value::from(self.pattern.as_str())),
            ("apply-to", Value::from(self.apply_to.as_str())),
            ("priority", Value::from(self.priority)),
        ];
        let definition = self
            .definition
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        own.into_iter().chain(definition).collect()
    }
}

impl Compared {
    /// What is not as wanted; empty when all is.
    pub fn differences(&self) -> Vec<Difference> {
        let wanted = self.wanted.settings();
        let there = self.there.as_ref().map(Policy::settings).unwrap_or_default();
        let names: BTreeSet<&str> = wanted.keys().chain(there.keys()).copied().collect();
        let difference = |name: &str| Difference {
            setting: name.to_owned(),
            there: there.get(name).cloned(),
            wanted: wanted.get(name).cloned(),
        };
        let differ = |difference: &Difference| difference.there != difference.wanted;
        names.into_iter().map(difference).filter(differ).collect()
    }
}

impl Comparison {
    /// Whether nothing is to be set, and nobody's policy goes before.
    pub fn is_as_wanted(&self) -> bool {
        self.overruled.is_empty() && self.policies.iter().all(|policy| policy.differences().is_empty())
    }
}

impl Policies {
    /// The policies of the configuration's vhost.
    ///
    /// # Errors
    /// When the configuration names no management API, or can't work.
    pub fn new(config: &QueueConfig) -> Result<Self, QueueError> {
        let management = Management::new(config)?.ok_or_else(|| QueueError::Config {
            key: "management_url",
            reason: "policies are read and set through RabbitMQ's management API, so its address is needed, such as \
                     http://broker:15672"
                .to_owned(),
        })?;
        Ok(Self { management })
    }

    pub(super) fn through(management: &Management) -> Self {
        let management = management.clone();
        Self { management }
    }

    /// Looks, and changes nothing.
    ///
    /// # Errors
    /// When the broker can't be asked, or does not let us in.
    pub async fn compare(&self) -> Result<Comparison, QueueError> {
        let version = self.version().await?;
        let vhost = self.management.vhost().to_owned();
        let there: Vec<Policy> = self.list("policies", &vhost).await?;
        let find = |wanted: &Policy| there.iter().find(|there| there.name == wanted.name).cloned();
        let policies: Vec<Compared> = Policy::wanted()
            .into_iter()
            .map(|wanted| Compared {
                there: find(&wanted),
                wanted,
            })
            .collect();
        let queues: Vec<Queue> = self.list("queues", &vhost).await?;
        let ours = |name: &str| policies.iter().any(|policy| policy.wanted.name == name);
        let overruled = queues
            .into_iter()
            .filter(|queue| queue.name.parse::<QueueName>().is_ok())
            .filter_map(|queue| Some((queue.name, queue.policy?)))
            .filter(|(_, policy)| !ours(policy))
            .collect();
        Ok(Comparison {
            version,
            vhost,
            policies,
            overruled,
        })
    }

    /// Sets what is not as wanted, and tells what was there before. Doing so again changes nothing.
    ///
    /// # Errors
    /// When the broker can't be asked, or does not let us do this.
    pub async fn apply(&self) -> Result<Comparison, QueueError> {
        let before = self.compare().await?;
        for policy in &before.policies {
            if policy.differences().is_empty() {
                continue;
            }
            let name = policy.wanted.name.as_str();
            let path = ["policies", &before.vhost, name];
            let request = self.management.request(Method::PUT, &path).json(&policy.wanted);
            self.management.send(request).await?;
            info!(policy = name, vhost = before.vhost, "policy set");
        }
        Ok(before)
    }

    /// Tells a management API from everything else that speaks HTTP.
    async fn version(&self) -> Result<String, QueueError> {
        let asked = self.management.request(Method::GET, &["overview"]);
        let stranger = || QueueError::Config {
            key: "management_url",
            reason: format!(
                "{} answers, but not as RabbitMQ's management API does: it usually listens on port 15672",
                self.management
            ),
        };
        let answer = self.management.send(asked).await?.ok_or_else(stranger)?;
        let overview: Overview = answer.json().await.map_err(|_| stranger())?;
        Ok(overview.rabbitmq_version)
    }

    /// Everything of a kind in the vhost.
    async fn list<T: for<'de> Deserialize<'de>>(&self, kind: &str, vhost: &str) -> Result<Vec<T>, QueueError> {
        let request = self.management.request(Method::GET, &[kind, vhost]);
        let unknown = || QueueError::Denied {
            reason: format!("it has no vhost {vhost:?}: create it (rabbitmqctl add_vhost), or correct urls"),
        };
        let answer = self.management.send(request).await?.ok_or_else(unknown)?;
        answer.json().await.map_err(|error| self.management.unavailable(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_policies_cover_every_queue_and_compare_equal_to_themselves() {
        let policies = Policy::wanted();
        assert_eq!(policies.len(), 2);
        for wanted in policies {
            let there = Some(wanted.clone());
            assert!(Compared { wanted, there }.differences().is_empty());
        }
    }

    #[test]
    fn a_difference_says_what_is_there_and_what_is_wanted() {
        let wanted = Policy::wanted().remove(0);
        let mut there = wanted.clone();
        there.priority = 0;
        there.definition.remove("overflow");
        there.definition.insert("max-length".to_owned(), Value::from(7));
        let differences = Compared {
            wanted,
            there: Some(there),
        }
        .differences();
        let said: Vec<_> = differences
            .iter()
            .map(|one| (one.setting.as_str(), one.there.clone(), one.wanted.clone()))
            .collect();
        assert_eq!(
            said,
            [
                ("max-length", Some(Value::from(7)), None),
                ("overflow", None, Some(Value::from("reject-publish"))),
                ("priority", Some(Value::from(0)), Some(Value::from(10))),
            ]
        );
    }
}
