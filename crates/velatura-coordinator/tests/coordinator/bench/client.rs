use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Once;

use reqwest::header::AUTHORIZATION;
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use velatura_proto::v1;

/// REST, as anyone would use it.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The status and the code of an error.
    pub(crate) fn error(&self) -> (u16, String) {
        let code = self.json()["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?}"))
            .to_owned();
        (self.status, code)
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        Self {
            base: format!("http://{address}"),
            http: reqwest::Client::new(),
        }
    }

    /// The same, showing a key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        let headers = [(AUTHORIZATION, format!("Bearer {key}").parse().unwrap())];
        let http = reqwest::Client::builder().default_headers(headers.into_iter().collect());
        Self {
            base: self.base.clone(),
            http: http.build().unwrap(),
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        media_type: Option<&str>,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let method: Method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, "").await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send("POST", path, None, "").await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &impl serde::Serialize) -> Answer {
        self.send(
            "POST",
            path,
            Some("application/json"),
            serde_json::to_vec(body).unwrap(),
        )
        .await
    }

    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str(&answer.text).unwrap()
    }

    pub(crate) async fn submit(&self, request: &v1::SubmitJobRequest) -> v1::Job {
        let answer = self.post_json("/v1/jobs", request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        serde_json::from_str(&answer.text).unwrap()
    }

    pub(crate) async fn job(&self, id: &str) -> v1::Job {
        self.read(&format!("/v1/jobs/{id}")).await
    }

    pub(crate) async fn tasks(&self, id: &str, query: &str) -> v1::ListTasksResponse {
        self.read(&format!("/v1/jobs/{id}/tasks?{query}")).await
    }

    pub(crate) fn events(&self, id: &str) -> Events {
        Events {
            request: Some(
                self.http
                    .get(format!("{}/v1/jobs/{id}/events", self.base))
                    .header("last-event-id", "7"),
            ),
            response: None,
            text: String::new(),
            read: VecDeque::new(),
        }
    }
}

/// A stream of server-sent events.
pub(crate) struct Events {
    request: Option<reqwest::RequestBuilder>,
    response: Option<Response>,
    text: String,
    read: VecDeque<v1::Job>,
}

impl Events {
    /// The next job told, `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<v1::Job> {
        if let Some(request) = self.request.take() {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["content-type"], "text/event-stream");
            self.response = Some(response);
        }
        while self.read.is_empty() {
            let chunk = self.response.as_mut()?.chunk().await.ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                self.read.extend(job(&event));
            }
        }
        self.read.pop_front()
    }

    pub(crate) async fn until(mut self, wish: impl Fn(&v1::Job) -> bool) -> Option<v1::Job> {
        loop {
            let job = self.next().await?;
            if wish(&job) {
                return Some(job);
            }
        }
    }
}

fn job(event: &str) -> Option<v1::Job> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    (field("event")? == "job").then(|| serde_json::from_str(field("data").unwrap()).unwrap())
}
