//! What kube-proxy is elsewhere: a Service's address leads to one of its ready Pods. And a way from Pods to servers that
//! are on this machine's loopback.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::{Api, network};

/// How long a connection to a Pod may take: one that is gone does not answer.
const CONNECT: Duration = Duration::from_secs(1);

/// Leads the host's address, at this port, to the same port of loopback.
///
/// # Errors
/// When the port is taken.
pub async fn expose(port: u16) -> Result<()> {
    let listener = TcpListener::bind((network::HOST, port)).await?;
    tokio::spawn(async move {
        while let Ok((from, _)) = listener.accept().await {
            tokio::spawn(join(from, SocketAddr::from(([127, 0, 0, 1], port))));
        }
    });
    Ok(())
}

/// Serves every Service with an address in the cluster, as they come.
pub async fn serve(api: Api) {
    let (mut served, mut services) = (BTreeSet::new(), api.watch("/api/v1/services"));
    while let Some(event) = services.recv().await {
        if let Err(error) = one(&api, &event.object, &mut served).await {
            eprintln!("proxy: {}: {error:#}", event.object["metadata"]["name"]);
        }
    }
}

async fn one(api: &Api, service: &Value, served: &mut BTreeSet<String>) -> Result<()> {
    let address = service["spec"]["clusterIP"].as_str().unwrap_or_default();
    let metadata = &service["metadata"];
    let (Some(namespace), Some(name)) = (metadata["namespace"].as_str(), metadata["name"].as_str()) else {
        return Ok(());
    };
    // The API server's own has no Pods.
    if address.is_empty() || address == "None" || name == "kubernetes" {
        return Ok(());
    }
    if served.insert(address.to_owned()) {
        network::take(address, &network::names(name, namespace))?;
    }
    for port in service["spec"]["ports"].as_array().into_iter().flatten() {
        let number = port["port"].as_u64().context("a port has a number")?;
        if !served.insert(format!("{address}:{number}")) {
            continue;
        }
        let listener = TcpListener::bind(format!("{address}:{number}")).await?;
        let slices = format!(
            "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector=kubernetes.io/service-name={name}"
        );
        let (api, port) = (api.clone(), port["name"].clone());
        tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((from, _)) = listener.accept().await {
                turn += 1;
                let ready = endpoints(&api, &slices, &port).await.unwrap_or_default();
                if let Some(to) = ready.get(turn % ready.len().max(1)) {
                    tokio::spawn(join(from, *to));
                }
            }
        });
    }
    Ok(())
}

async fn endpoints(api: &Api, slices: &str, port: &Value) -> Result<Vec<SocketAddr>> {
    let list = api.get(slices).await?;
    let mut ready = Vec::new();
    for slice in list["items"].as_array().into_iter().flatten() {
        let mut ports = slice["ports"].as_array().into_iter().flatten();
        let Some(number) = ports
            .find(|there| there["name"] == *port)
            .and_then(|there| there["port"].as_u64())
        else {
            continue;
        };
        for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
            if endpoint["conditions"]["ready"] == true {
                let address = endpoint["addresses"][0]
                    .as_str()
                    .context("an endpoint has an address")?;
                ready.push(format!("{address}:{number}").parse()?);
            }
        }
    }
    Ok(ready)
}

async fn join(mut from: TcpStream, to: SocketAddr) {
    let connected = tokio::time::timeout(CONNECT, TcpStream::connect(to)).await;
    if let Ok(Ok(mut to)) = connected {
        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
    }
}
