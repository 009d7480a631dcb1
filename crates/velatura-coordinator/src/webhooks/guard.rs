use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::network::{Network, is_public};

/// Which addresses may be called: tenants choose them, and must not reach through the coordinator what they could not
/// reach themselves.
///
/// The guard stands where a name becomes an address, so that what was checked is what is connected to, whatever the name
/// says a moment later.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    networks: Arc<[Network]>,
    /// Without TLS: only to the networks that were named.
    plain: bool,
}

/// Why an address is not called.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(String);

impl Guard {
    pub(super) fn new(networks: &[Network], plain: bool) -> Self {
        Self {
            networks: networks.into(),
            plain,
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        let named = self.networks.iter().any(|network| network.contains(address));
        named || (!self.plain && is_public(address))
    }

    fn refusal(&self, host: &str) -> Refused {
        Refused(match self.plain {
            true => format!("{host} is not in one of webhooks.networks, so that it needs https://"),
            false => format!("{host} is not on the public internet, nor in one of webhooks.networks"),
        })
    }

    /// Looks at a URL whose host is an address: no name is resolved on the way to it.
    pub(super) fn check(&self, url: &Url) -> Result<(), Refused> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        match self.allows(address) {
            true => Ok(()),
            false => Err(self.refusal(&address.to_string())),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| guard.allows(found.ip())).collect();
            match allowed.is_empty() {
                true => Err(guard.refusal(name.as_str()).into()),
                false => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
