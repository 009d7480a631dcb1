//! A private HTTP server of files, which can misbehave as servers do.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A pack of this repository as a publisher offers it: a `.tar.gz`.
///
/// # Errors
/// When there is no such pack.
pub fn pack_archive(name: &str) -> Result<Vec<u8>> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    archive.append_dir_all(name, models.join(name))?;
    Ok(archive.into_inner()?.finish()?)
}

/// How a file is served.
#[derive(Debug, Clone)]
pub enum Serving {
    /// All of it, or the range asked for.
    Whole(Vec<u8>),
    /// Its full length is announced, and the connection ends after so many bytes.
    CutAfter(Vec<u8>, usize),
}

/// Serves files on loopback until it is dropped.
#[derive(Debug)]
pub struct Publisher {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    files: HashMap<String, Serving>,
    requests: Vec<String>,
}

impl Publisher {
    /// Starts with nothing to serve: everything is a 404.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::<Mutex<Shared>>::default();
        let of_thread = Arc::downgrade(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let Some(shared) = of_thread.upgrade() else { break };
                // A client that goes away is its own affair.
                let _ = answer(&connection, &shared);
            }
        });
        Ok(Self { address, shared })
    }

    /// Serves a file from now on, and says under which address.
    ///
    /// # Panics
    /// When a thread of the server has panicked.
    pub fn serve(&self, name: &str, serving: Serving) -> String {
        self.shared
            .lock()
            .expect("not poisoned")
            .files
            .insert(format!("/{name}"), serving);
        self.url(name)
    }

    /// The address of a file, served or not.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// What was asked so far: path, and range if there was one.
    ///
    /// # Panics
    /// When a thread of the server has panicked.
    pub fn requests(&self) -> Vec<String> {
        self.shared.lock().expect("not poisoned").requests.clone()
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.shared = Arc::default();
        // The thread waits for a connection; this one is its last.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut connection: &TcpStream, shared: &Mutex<Shared>) -> Result<()> {
    let mut lines = BufReader::new(connection).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut from = None;
    for line in lines {
        let line = line?.to_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse::<usize>().ok();
        }
        if line.is_empty() {
            break;
        }
    }
    let serving = {
        let mut shared = shared.lock().expect("not poisoned");
        let range = from.map_or_else(String::new, |from| format!(" from {from}"));
        shared.requests.push(format!("{path}{range}"));
        shared.files.get(&path).cloned()
    };
    let (body, cut) = match serving {
        None => {
            write!(
                connection,
                "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )?;
            return Ok(());
        }
        Some(Serving::Whole(body)) => (body, usize::MAX),
        Some(Serving::CutAfter(body, bytes)) => (body, bytes),
    };
    let start = from.unwrap_or(0).min(body.len());
    let part = &body[start..];
    let (status, range) = match from {
        Some(_) => (
            "206 Partial Content",
            format!("Content-Range: bytes {start}-{}/{}\r\n", body.len() - 1, body.len()),
        ),
        None => ("200 OK", String::new()),
    };
    let length = part.len();
    write!(
        connection,
        "HTTP/1.1 {status}\r\nConnection: close\r\n{range}Content-Length: {length}\r\n\r\n"
    )?;
    connection.write_all(&part[..part.len().min(cut)])?;
    Ok(())
}
