use std::fmt;

use aws_config::BehaviorVersion;
use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::{ProvideRegion, RegionProviderChain};
use aws_config::profile::ProfileFileRegionProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    Credentials, ProvideCredentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedCredentialsProvider, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use tokio::sync::OnceCell;

use crate::error::Source;
use crate::{Compat, ObjectError, S3Config};

/// How many retries may be saved up over all requests. The SDK's own 500 points are a hundred retries, which a worker
/// with many requests under way has used up at the first `SlowDown`, and then gives up without trying again.
const RETRY_POINTS: usize = 5_000;

/// The way to S3 that all buckets share: address, credentials and a pool of connections. Made at the first use.
pub struct S3Connection {
    config: S3Config,
    endpoint: String,
    client: OnceCell<Client>,
}

impl S3Connection {
    /// Nothing is connected yet.
    pub fn new(config: S3Config) -> Self {
        let endpoint = config
            .endpoint_url
            .as_ref()
            .map_or("AWS S3", |url| url.as_str().trim_end_matches('/'))
            .to_owned();
        Self {
            config,
            endpoint,
            client: OnceCell::new(),
        }
    }

    pub(super) fn config(&self) -> &S3Config {
        &self.config
    }

    /// How messages name the server.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) async fn client(&self) -> Result<&Client, ObjectError> {
        self.client.get_or_try_init(|| Box::pin(self.connect())).await
    }

    async fn connect(&self) -> Result<Client, ObjectError> {
        let config = &self.config;
        let tls = Provider::Rustls(CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new().tls_provider(tls);
        let http = http.tls_context(self.trusted()?).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(self.region())
            .retry_config(RetryConfig::standard().with_max_attempts(config.retries.saturating_add(1)))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(config.connect_timeout())
                    .operation_attempt_timeout(config.attempt_timeout())
                    .operation_timeout(config.request_timeout())
                    .build(),
            )
            // It takes a reader who is busy for a stalled network; the timeouts here cover bodies too.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(credentials) = self.credentials()? {
            loader = loader.credentials_provider(credentials);
        }
        if config.compat == Compat::Generic {
            loader = loader
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        }
        let shared = loader.load().await;
        if shared.region().is_none() {
            return Err(ObjectError::Config(
                "no region is known, so set s3.region or AWS_REGION".into(),
            ));
        }
        self.check_credentials(shared.credentials_provider()).await?;
        let mut builder = aws_sdk_s3::config::Builder::from(&shared)
            .force_path_style(config.force_path_style.unwrap_or(config.endpoint_url.is_some()))
            .retry_partition(
                RetryPartition::custom("velatura")
                    .token_bucket(TokenBucket::builder().capacity(RETRY_POINTS).build())
                    .build(),
            );
        if config.endpoint_url.is_some() {
            builder = builder.endpoint_url(&self.endpoint);
        }
        Ok(Client::from_conf(builder.build()))
    }

    /// Who may vouch for the server.
    fn trusted(&self) -> Result<TlsContext, ObjectError> {
        let mut store = TrustStore::default();
        if let Some(path) = &self.config.ca_file {
            let wrong = |reason: String| ObjectError::Config(format!("s3.ca_file {}: {reason}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
            // The SDK panics at what is no certificate, long after this.
            if !text.contains("-----BEGIN CERTIFICATE-----") {
                return Err(wrong("there is no certificate in it, PEM is expected".to_owned()));
            }
            store = store.with_pem_certificate(text);
        }
        let context = TlsContext::builder().with_trust_store(store).build();
        context.map_err(|error| ObjectError::Config(format!("s3.ca_file can't be used: {error}")))
    }

    fn credentials(&self) -> Result<Option<Credentials>, ObjectError> {
        let (id, secret) = (&self.config.access_key_id, &self.config.secret_access_key);
        match (id, secret) {
            (Some(id), Some(secret)) => Ok(Some(Credentials::new(id, secret.reveal(), None, None, "configuration"))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(ObjectError::Config(
                "s3.access_key_id needs s3.secret_access_key with it".into(),
            )),
            (None, Some(_)) => Err(ObjectError::Config(
                "s3.secret_access_key needs s3.access_key_id with it".into(),
            )),
        }
    }

    /// Asked once beforehand, since a request would only say that it could not be sent.
    async fn check_credentials(&self, provider: Option<SharedCredentialsProvider>) -> Result<(), ObjectError> {
        let missing = |source: Option<Source>| ObjectError::Denied {
            object: self.endpoint.clone(),
            reason:
                "no credentials are found: set s3.access_key_id and s3.secret_access_key, or AWS_ACCESS_KEY_ID and \
                     AWS_SECRET_ACCESS_KEY"
                    .into(),
            source,
        };
        match provider {
            Some(provider) => match provider.provide_credentials().await {
                Ok(_) => Ok(()),
                Err(error) => Err(missing(Some(Box::new(error)))),
            },
            None => Err(missing(None)),
        }
    }

    /// A server of one's own is nowhere near an instance that could be asked for the region.
    fn region(&self) -> Box<dyn ProvideRegion> {
        match (&self.config.region, &self.config.endpoint_url) {
            (Some(region), _) => Box::new(Region::new(region.clone())),
            (None, None) => Box::new(DefaultRegionChain::builder().build()),
            (None, Some(_)) => Box::new(
                RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
                    .or_else(ProfileFileRegionProvider::new())
                    .or_else(Region::from_static("us-east-1")),
            ),
        }
    }
}

impl fmt::Debug for S3Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Connection")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
