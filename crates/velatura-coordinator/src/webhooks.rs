//! Tells those who asked when a job is paused or has ended, by the rules of <https://www.standardwebhooks.com>.

mod endpoints;
mod guard;
mod network;
mod secret;
mod sender;
mod settings;

pub(crate) use endpoints::Webhooks;
pub use network::Network;
pub(crate) use sender::Sender;
pub use settings::WebhookSettings;
