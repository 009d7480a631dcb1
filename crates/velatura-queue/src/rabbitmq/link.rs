//! One connection that comes back.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::runtime::default_runtime;
use lapin::tcp::OwnedTLSConfig;
use lapin::types::LongString;
use lapin::{Connection, ConnectionProperties, Event};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, info, warn};

use super::failure;
use crate::address::BrokerUrl;
use crate::backoff::Backoff;
use crate::{QueueConfig, QueueError};

/// lapin does not tell of every end: a connection that the broker closes in good order ends in silence.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A connection that ends sooner counts as one more failed attempt.
const STABLE_AFTER: Duration = Duration::from_secs(10);

/// A connection to one of the brokers, made again whenever it is lost, until dropped.
#[derive(Debug)]
pub(super) struct Link {
    state: watch::Receiver<State>,
    _supervisor: AbortOnDropHandle<()>,
}

#[derive(Debug, Clone)]
enum State {
    Down(QueueError),
    Up {
        connection: Arc<Connection>,
        blocked: Option<String>,
    },
}

impl Link {
    /// Begins to connect, and returns at once.
    pub(super) fn start(config: &QueueConfig, purpose: &str) -> Arc<Self> {
        let starting = QueueError::Unavailable {
            reason: format!("connecting to {}", config.urls[0]),
        };
        let (sender, state) = watch::channel(State::Down(starting));
        let supervisor = Supervisor {
            urls: config.urls.clone(),
            config: config.clone(),
            name: format!("{} {purpose}", config.connection_name),
            heartbeat_seconds: config.heartbeat_seconds,
            connect_timeout: config.connect_timeout(),
            state: sender,
        };
        Arc::new(Self {
            state,
            _supervisor: AbortOnDropHandle::new(tokio::spawn(supervisor.run())),
        })
    }

    /// The connection, waiting for it until the deadline unless only a change of settings can bring it.
    pub(super) async fn connection(&self, deadline: Instant) -> Result<Arc<Connection>, QueueError> {
        let mut states = self.state.clone();
        loop {
            let error = match states.borrow_and_update().clone() {
                State::Up { connection, .. } => return Ok(connection),
                State::Down(error) if error.is_transient() => error,
                State::Down(error) => return Err(error),
            };
            match timeout_at(deadline, states.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(QueueError::Closed),
                Err(_) => return Err(error),
            }
        }
    }

    /// Whether it is connected, and may publish.
    pub(super) fn check(&self) -> Result<(), QueueError> {
        match &*self.state.borrow() {
            State::Up { blocked: None, .. } => Ok(()),
            State::Up {
                blocked: Some(reason), ..
            } => Err(QueueError::Blocked { reason: reason.clone() }),
            State::Down(error) => Err(error.clone()),
        }
    }

    /// Waits until this connection is not the one in use any more.
    pub(super) async fn replaced(&self, used: &Arc<Connection>) -> QueueError {
        let mut states = self.state.clone();
        let gone = |state: &State| !matches!(state, State::Up { connection, .. } if Arc::ptr_eq(connection, used));
        match states.wait_for(gone).await.as_deref() {
            Ok(State::Down(error)) => error.clone(),
            Ok(State::Up { .. }) => QueueError::Unavailable {
                reason: "the connection was replaced".to_owned(),
            },
            Err(_) => QueueError::Closed,
        }
    }
}

/// The task behind a [`Link`].
struct Supervisor {
    urls: Vec<BrokerUrl>,
    config: QueueConfig,
    name: String,
    heartbeat_seconds: u16,
    connect_timeout: Duration,
    state: watch::Sender<State>,
}

impl Supervisor {
    async fn run(self) {
        let mut backoff = Backoff::new();
        // What was logged last, so that a broker that stays away is reported once, not at every attempt.
        let mut reported = None;
        loop {
            match self.connect_to_any().await {
                Ok((url, connection)) => {
                    info!(broker = %url, connection = self.name, "connected");
                    let since = Instant::now();
                    let error = self.watch_over(connection).await;
                    warn!(broker = %url, connection = self.name, %error, "lost the broker, connecting again");
                    self.state.send_replace(State::Down(error));
                    reported = None;
                    if since.elapsed() >= STABLE_AFTER {
                        backoff.reset();
                    }
                }
                Err(error) => {
                    if reported == Some(error.code()) {
                        debug!(connection = self.name, %error, "still no broker");
                    } else {
                        warn!(connection = self.name, %error, "no broker, trying again until there is one");
                        reported = Some(error.code());
                    }
                    self.state.send_replace(State::Down(error));
                }
            }
            sleep(backoff.next()).await;
        }
    }

    /// One attempt at each address. Of several errors the one that time may heal counts.
    async fn connect_to_any(&self) -> Result<(&BrokerUrl, Connection), QueueError> {
        let mut failed = QueueError::Closed;
        for url in &self.urls {
            match self.connect(url).await {
                Ok(connection) => return Ok((url, connection)),
                Err(error) if error.is_transient() || !failed.is_transient() => failed = error,
                Err(_) => {}
            }
        }
        Err(failed)
    }

    async fn connect(&self, url: &BrokerUrl) -> Result<Connection, QueueError> {
        let mut uri = url.uri().clone();
        uri.query.heartbeat = Some(self.heartbeat_seconds);
        uri.query.connection_timeout = u64::try_from(self.connect_timeout.as_millis()).ok();
        let properties = ConnectionProperties::default().with_connection_name(LongString::from(self.name.as_str()));
        // Read anew for every connection, so that a renewed file is in use without a restart.
        let tls = OwnedTLSConfig {
            cert_chain: self.config.authorities()?,
            ..OwnedTLSConfig::default()
        };
        let runtime = default_runtime().map_err(|error| failure::connecting(&error, url))?;
        let connecting = Connection::connect_uri_with_config(uri, properties, tls, runtime);
        match timeout(self.connect_timeout, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(failure::connecting(&error, url)),
            Err(_) => Err(QueueError::Unavailable {
                reason: format!(
                    "{url} did not answer within {:?}: is it a RabbitMQ broker?",
                    self.connect_timeout
                ),
            }),
        }
    }

    /// Publishes the state of a connection until it ends, and says why it did.
    async fn watch_over(&self, connection: Connection) -> QueueError {
        let mut events = connection.events_listener();
        let connection = Arc::new(connection);
        self.state.send_replace(State::Up {
            connection: Arc::clone(&connection),
            blocked: None,
        });
        let mut cause = None;
        loop {
            match timeout(LOOK_EVERY, events.next()).await {
                // The error of a channel comes this way too: whether the connection is lost is for its status to say.
                Ok(Some(Event::Error(error))) => cause = Some(error),
                Ok(Some(Event::ConnectionBlocked(reason))) => {
                    warn!(connection = self.name, reason, "the broker takes no messages now");
                    self.state.send_replace(State::Up {
                        connection: Arc::clone(&connection),
                        blocked: Some(reason),
                    });
                }
                Ok(Some(Event::ConnectionUnblocked)) => {
                    info!(connection = self.name, "the broker takes messages again");
                    self.state.send_replace(State::Up {
                        connection: Arc::clone(&connection),
                        blocked: None,
                    });
                }
                Ok(Some(_)) | Err(_) => {}
                // No more events: nothing left but to look.
                Ok(None) => sleep(LOOK_EVERY).await,
            }
            if !connection.status().connected() {
                let closed = || QueueError::Unavailable {
                    reason: "the broker closed the connection".to_owned(),
                };
                return cause.map_or_else(closed, |error| failure::lost(&error));
            }
        }
    }
}
