use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;

use crate::process::{Child, free_port};

/// Erlang's port mapper, for one node alone. A node without one starts the machine's own and leaves it behind.
#[derive(Debug)]
pub(super) struct Epmd {
    port: u16,
    _process: Child,
}

impl Epmd {
    pub(super) fn start() -> Result<Self> {
        let port = free_port();
        let mut command = Command::new("epmd");
        command.args(["-port", &port.to_string(), "-address", "127.0.0.1"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = Child::spawn("epmd", command)?;
        let answers = || Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        process.until(Duration::from_secs(20), answers)?;
        Ok(Self {
            port,
            _process: process,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}
