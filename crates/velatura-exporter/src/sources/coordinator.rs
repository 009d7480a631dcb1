use std::path::Path;

use reqwest::{Certificate, Client, StatusCode};
use url::Url;
use velatura_proto::v1;
use velatura_telemetry::Registry;

use super::count;
use crate::metrics::FromCoordinator;
use crate::scaling::Scaling;
use crate::{ExporterConfig, StartError};

/// The coordinator's `/v1/backlog`.
#[derive(Debug)]
pub(crate) struct Coordinator {
    http: Client,
    url: Url,
}

/// Why the coordinator's backlog is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BacklogError {
    #[error("the coordinator at {url} can't be reached: check coordinator_url, and that it is up")]
    Unreachable { url: Url, source: reqwest::Error },
    #[error(
        "{url} wants a key: set exporter.api_key to one with the role monitor, velatura keys create --role monitor"
    )]
    Forbidden { url: Url },
    #[error("{url} answers {status} when asked for the backlog: see the coordinator's /readyz")]
    Refused { url: Url, status: StatusCode },
    #[error("{url} answers, but not as a coordinator does: check coordinator_url")]
    Stranger { url: Url, source: reqwest::Error },
}

impl Coordinator {
    pub(crate) fn new(config: &ExporterConfig) -> Result<Self, StartError> {
        // Somebody may have chosen the provider already; then it is theirs.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut url = config.coordinator_url.clone();
        url.set_path(&format!("{}/v1/backlog", url.path().trim_end_matches('/')));
        let mut client = Client::builder().timeout(config.timeout());
        if let Some(path) = &config.ca_file {
            client = client.tls_certs_merge(certificates(path)?);
        }
        Ok(Self {
            http: client.build()?,
            url,
        })
    }

    /// Asks for the backlog, and makes metrics of it.
    pub(crate) async fn ask(&self, config: &ExporterConfig) -> Result<Registry, BacklogError> {
        let url = || self.url.clone();
        let mut request = self.http.get(url());
        if let Some(key) = &config.api_key {
            request = request.bearer_auth(key.reveal());
        }
        let answer = request.send().await;
        let answer = answer.map_err(|source| BacklogError::Unreachable { url: url(), source })?;
        if matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(BacklogError::Forbidden { url: url() });
        }
        if !answer.status().is_success() {
            return Err(BacklogError::Refused {
                url: url(),
                status: answer.status(),
            });
        }
        let backlog = answer
            .json()
            .await
            .map_err(|source| BacklogError::Stranger { url: url(), source })?;
        Ok(metrics(&backlog, config))
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, StartError> {
    let unusable = |reason: String| StartError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&text).map_err(|error| unusable(error.to_string()))?;
    match found.is_empty() {
        true => Err(unusable("there is no certificate in it, PEM is expected".to_owned())),
        false => Ok(found),
    }
}

/// What the coordinator's answer becomes.
pub fn metrics(backlog: &v1::Backlog, config: &ExporterConfig) -> Registry {
    let registry = Registry::new();
    let metrics = FromCoordinator::register(&registry);
    metrics
        .backlog_tasks
        .with_label_values(&["pending"])
        .set(count(backlog.pending));
    metrics
        .backlog_tasks
        .with_label_values(&["dispatched"])
        .set(count(backlog.dispatched));
    metrics.open_jobs.set(count(backlog.jobs));
    metrics.oldest_task_age_seconds.set(backlog.oldest_seconds);
    metrics.tasks_ended_per_second.set(backlog.rate);
    let scaling = Scaling::of(backlog.pending.saturating_add(backlog.dispatched), backlog.rate, config);
    metrics.drain_seconds.set(scaling.drain_seconds);
    metrics.drain_target_seconds.set(config.target_drain_seconds);
    metrics.workers_wanted.set(scaling.workers_wanted.into());
    registry
}
