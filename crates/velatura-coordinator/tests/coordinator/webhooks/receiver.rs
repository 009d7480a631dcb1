use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::bench::PATIENCE;

/// What came.
pub(super) struct Received {
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A server of somebody who wants to be told. It ends with the test's runtime.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    received: mpsc::UnboundedReceiver<Received>,
}

/// What it answers, in turn, the last from then on.
#[derive(Clone)]
pub(super) enum Answer {
    Status(u16),
    Redirect(String),
}

type Script = (Arc<Mutex<VecDeque<Answer>>>, mpsc::UnboundedSender<Received>);

impl Receiver {
    pub(super) async fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let script: Script = (Arc::new(Mutex::new(answers.iter().cloned().collect())), sender);
        let router = Router::new().route("/hook", post(receive)).with_state(script);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, received }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) async fn next(&mut self) -> Received {
        let received = tokio::time::timeout(PATIENCE, self.received.recv()).await;
        received.expect("nothing came").unwrap()
    }

    /// Whether nothing more has come.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

async fn receive(State((answers, received)): State<Script>, headers: HeaderMap, body: String) -> Response {
    received.send(Received { headers, body }).unwrap();
    let mut answers = answers.lock().unwrap();
    let answer = match answers.len() {
        0 => Answer::Status(204),
        1 => answers[0].clone(),
        _ => answers.pop_front().unwrap(),
    };
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
    }
}
