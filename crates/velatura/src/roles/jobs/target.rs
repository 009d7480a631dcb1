//! Which coordinator, and who asks.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};
use velatura_proto::v1::jobs_client::JobsClient;

/// A coordinator's service, asked with the user's key.
pub(crate) type Client = JobsClient<InterceptedService<Channel, Bearer>>;

/// Which coordinator.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The coordinator's gRPC address
    #[arg(
        long,
        value_name = "URL",
        env = "VELATURA_COORDINATOR_URL",
        default_value = "http://127.0.0.1:8081"
    )]
    coordinator: String,
    /// A file of certificates, PEM, that vouch for a coordinator on https:// beside those that the system knows
    #[arg(long, value_name = "FILE", env = "VELATURA_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// The API key, where the coordinator asks for one
    #[arg(long, value_name = "KEY", env = "VELATURA_API_KEY", hide_env_values = true)]
    api_key: Option<ApiKey>,
}

/// A key that is not printed.
#[derive(Clone)]
struct ApiKey(MetadataValue<Ascii>);

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

impl std::str::FromStr for ApiKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = format!("Bearer {}", text.trim()).parse();
        value.map(Self).map_err(|_| "an API key is a word like vel_…_…")
    }
}

/// Shows the key with every call.
#[derive(Debug, Clone)]
pub(crate) struct Bearer(Option<ApiKey>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(ApiKey(value)) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

impl Target {
    pub(crate) async fn connect(&self) -> Result<Client> {
        Ok(JobsClient::with_interceptor(self.channel().await?, self.bearer()))
    }

    /// What shows the key.
    pub(crate) fn bearer(&self) -> Bearer {
        Bearer(self.api_key.clone())
    }

    /// A connection, for whichever service.
    pub(crate) async fn channel(&self) -> Result<Channel> {
        let mut endpoint = Endpoint::from_shared(self.coordinator.clone())
            .with_context(|| format!("--coordinator {:?} is no URL", self.coordinator))?
            .connect_timeout(Duration::from_secs(5));
        if self.coordinator.starts_with("https://") {
            let mut tls = ClientTlsConfig::new().with_native_roots();
            if let Some(path) = &self.ca_file {
                let text = std::fs::read(path).with_context(|| format!("--ca-file {}", path.display()))?;
                tls = tls.ca_certificate(Certificate::from_pem(text));
            }
            endpoint = endpoint
                .tls_config(tls)
                .context("--ca-file holds no certificates, PEM is expected")?;
        }
        let channel = endpoint.connect().await.with_context(|| {
            let address = &self.coordinator;
            format!("no coordinator answers at {address}: start one (velatura up), or name it with --coordinator")
        })?;
        Ok(channel)
    }
}
