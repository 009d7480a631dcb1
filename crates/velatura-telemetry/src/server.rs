use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus::Registry;
use tokio::net::TcpListener;

use crate::readiness::OK;
use crate::tls::{ServerTls, TlsListener};
use crate::{Described, Readiness, Report, metrics, text};

metrics! {
    /// What every role says of itself.
    struct Own in "velatura_" {
        /// 1 for a condition of /readyz that holds, 0 for one that does not.
        ready: IntGaugeVec["condition"],
    }
}

/// What every role measures, whatever else it does.
pub const METRICS: &[Described] = Own::DESCRIBED;

/// What a role answers about itself.
#[derive(Clone)]
pub struct Probes {
    /// Its metrics.
    pub registry: Registry,
    /// Whether it can work.
    pub readiness: Readiness,
    /// Whether it is alive; the error says why it should be restarted.
    pub alive: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
}

impl Probes {
    /// Probes of a role that is alive as long as it answers.
    pub fn new(registry: Registry, readiness: Readiness) -> Self {
        Self {
            registry,
            readiness,
            alive: Arc::new(|| Ok(())),
        }
    }

    /// The routes `/healthz`, `/readyz`, `/readyz/CONDITION` and `/metrics`.
    ///
    /// `/readyz` is the sum of all conditions. A role may do part of its work without some of them: who sends it only that
    /// part asks for the condition that it needs, as one asks Kubernetes' own servers for `/readyz/etcd`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/readyz/{condition}", get(readyz_of))
            .route("/metrics", get(numbers))
            .with_state(self)
    }
}

async fn healthz(State(probes): State<Probes>) -> Response {
    match (probes.alive)() {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn readyz(State(probes): State<Probes>) -> Response {
    answer(probes.readiness.report())
}

async fn readyz_of(State(probes): State<Probes>, Path(condition): Path<String>) -> Response {
    match probes.readiness.report_of(&condition) {
        Ok(report) => answer(report),
        Err(there) => {
            let there = there.join(", ");
            let said = format!("there is no condition {condition:?}: ask for one of {there}, or /readyz for all\n");
            (StatusCode::NOT_FOUND, said).into_response()
        }
    }
}

fn answer(report: Report) -> Response {
    let status = if report.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report)).into_response()
}

async fn numbers(State(probes): State<Probes>) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text(&probes.registry) + &text(&conditions(&probes.readiness)),
    )
        .into_response()
}

/// The conditions as they are now. Made anew each time: roles of one process may share them.
fn conditions(readiness: &Readiness) -> Registry {
    let registry = Registry::new();
    let own = Own::register(&registry);
    for (condition, state) in readiness.report().conditions {
        own.ready.with_label_values(&[condition]).set((state == OK).into());
    }
    registry
}

/// Why a server can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or not ours to take.
    #[error("can't listen on {address}: {source}; choose another address with --listen")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server broke off.
    #[error("the server on {address} ended: {source}")]
    Ended {
        /// Where it listened.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Binds at once, so that a taken address is an error at start-up; the future serves until `stop` is ready.
pub async fn serve(
    address: SocketAddr,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(SocketAddr, impl Future<Output = Result<(), ServeError>> + Send), ServeError> {
    serve_over(address, None, router, stop).await
}

/// The same, over TLS if it is given.
pub async fn serve_over(
    address: SocketAddr,
    tls: Option<ServerTls>,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(SocketAddr, impl Future<Output = Result<(), ServeError>> + Send), ServeError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Bind { address, source })?;
    let bound = listener
        .local_addr()
        .map_err(|source| ServeError::Bind { address, source })?;
    let serving = async move {
        let served = match tls {
            None => axum::serve(listener, router).with_graceful_shutdown(stop).await,
            Some(tls) => {
                let listener = TlsListener::new(listener, bound, tls);
                axum::serve(listener, router).with_graceful_shutdown(stop).await
            }
        };
        served.map_err(|source| ServeError::Ended { address: bound, source })
    };
    Ok((bound, serving))
}
