use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// guest:guest
const CREDENTIALS: &str = "Z3Vlc3Q6Z3Vlc3Q=";

/// One request to the management API on loopback; the body of a 2xx answer.
pub(super) fn request(port: u16, method: &str, path: &str, body: &str) -> Result<String> {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    // HTTP/1.0, so that the answer is neither chunked nor kept alive.
    write!(
        socket,
        "{method} {path} HTTP/1.0\r\nAuthorization: Basic {CREDENTIALS}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status.starts_with('2'), "{method} {path} was answered {head}\n{body}");
    Ok(body.to_owned())
}
