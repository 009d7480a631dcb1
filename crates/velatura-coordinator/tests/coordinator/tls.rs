//! Both edges over TLS.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use velatura_coordinator::StartError;
use velatura_proto::v1;
use velatura_proto::v1::jobs_client::JobsClient;
use velatura_testkit::tls::Authority;

use crate::bench::Setup;

#[tokio::test]
async fn both_edges_are_served_over_tls_and_nothing_else() {
    let authority = Authority::new().unwrap();
    let mut setup = Setup::new().await;
    setup.config.tls_certificate = Some(authority.certificate_file());
    setup.config.tls_key = Some(authority.key_file());
    let bench = setup.start().await;
    let ca = std::fs::read(authority.ca_file()).unwrap();

    let url = format!("https://{}/v1/jobs", bench.running.rest_address);
    let trusting = reqwest::Client::builder().tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()]);
    let answer = trusting.build().unwrap().get(&url).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(reqwest::get(&url).await.is_err(), "nobody else vouches for it");
    assert!(reqwest::get(url.replace("https", "http")).await.is_err());

    let endpoint = Endpoint::from_shared(format!("https://{}", bench.running.grpc_address)).unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
    let channel = endpoint.tls_config(tls).unwrap().connect().await.unwrap();
    let listed = JobsClient::new(channel)
        .list_jobs(v1::ListJobsRequest::default())
        .await
        .unwrap();
    assert_eq!(listed.into_inner().jobs, []);
}

#[tokio::test]
async fn a_client_that_offers_http_2_gets_it() {
    let authority = Authority::new().unwrap();
    let mut setup = Setup::new().await;
    setup.config.tls_certificate = Some(authority.certificate_file());
    setup.config.tls_key = Some(authority.key_file());
    let bench = setup.start().await;
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(authority.ca_file()).unwrap())
        .unwrap();
    let offering = async |protocols: &[&[u8]]| {
        let mut config = ClientConfig::builder()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let stream = TcpStream::connect(bench.running.rest_address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    };
    let mut stream = offering(&[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    // The preface of RFC 9113 with empty settings; the server's first frame is its settings, type 4.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "{frame:?}");

    let stream = offering(&[b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn who_does_not_finish_a_handshake_holds_up_nobody() {
    let authority = Authority::new().unwrap();
    let mut setup = Setup::new().await;
    setup.config.tls_certificate = Some(authority.certificate_file());
    setup.config.tls_key = Some(authority.key_file());
    let bench = setup.start().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(bench.running.rest_address).await.unwrap());
    }
    let ca = reqwest::Certificate::from_pem(&std::fs::read(authority.ca_file()).unwrap()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([ca]).build().unwrap();
    let url = format!("https://{}/healthz", bench.running.rest_address);
    assert_eq!(client.get(url).send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn files_that_do_not_do_are_named_at_the_start() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let cases = [
        (Some(authority.certificate_file()), None, "tls_key"),
        (
            Some("/nowhere/tls.crt".into()),
            Some(authority.key_file()),
            "/nowhere/tls.crt",
        ),
        (Some(authority.key_file()), Some(authority.key_file()), "server-key.pem"),
        (Some(authority.certificate_file()), Some(authority.ca_file()), "ca.pem"),
        (
            Some(authority.certificate_file()),
            Some(other.key_file()),
            "server-key.pem",
        ),
    ];
    for (certificate, key, named) in cases {
        let mut setup = Setup::new().await;
        setup.config.tls_certificate = certificate;
        setup.config.tls_key = key;
        let error = setup.coordinator().start(Default::default()).await.unwrap_err();
        assert!(matches!(error, StartError::Tls(_) | StartError::HalfTls), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}
