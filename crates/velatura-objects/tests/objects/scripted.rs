//! A server that answers as a test says, to have what no good server does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// How to answer one request.
pub(crate) enum Answer {
    /// These bytes, then the connection ends.
    Bytes(String),
    /// These bytes, then nothing for ever.
    Hang(String),
}

/// A server on loopback for as long as the test runs.
pub(crate) struct Scripted {
    pub(crate) endpoint: String,
    /// The heads of the requests, in lower case.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Answers one request after the other, each on a connection of its own; then it is gone.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Some(answer) = answers.pop_front() {
                let (mut connection, _) = listener.accept().await.unwrap();
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).await.unwrap() == 1 {
                    head.push(byte[0]);
                }
                seen.lock()
                    .unwrap()
                    .push(String::from_utf8(head).unwrap().to_lowercase());
                match answer {
                    Answer::Bytes(bytes) => connection.write_all(bytes.as_bytes()).await.unwrap(),
                    Answer::Hang(bytes) => {
                        connection.write_all(bytes.as_bytes()).await.unwrap();
                        tokio::spawn(async move {
                            let _open = connection;
                            std::future::pending::<()>().await;
                        });
                    }
                }
            }
        });
        Self { endpoint, requests }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An answer that announces so many bytes and has this body.
pub(crate) fn ok(length: usize, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// An answer in pieces that does not say beforehand how long it is.
pub(crate) fn chunked(pieces: &[&str]) -> String {
    let mut answer =
        "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    for piece in pieces {
        answer.push_str(&format!("{:x}\r\n{piece}\r\n", piece.len()));
    }
    answer + "0\r\n\r\n"
}

/// An error of S3.
pub(crate) fn error(status: u16, code: &str) -> String {
    let xml = format!("<Error><Code>{code}</Code><Message>It says so.</Message></Error>");
    let length = xml.len();
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\r\n{xml}"
    )
}
