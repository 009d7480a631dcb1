//! S3 over TLS, on a private server whose certificate is by an authority of the test's own.

use std::path::Path;

use velatura_objects::{ObjectError, ObjectsConfig, S3Config, Stores};
use velatura_testkit::s3::S3;
use velatura_testkit::tls::Authority;

async fn head(server: &S3, ca_file: Option<&Path>) -> ObjectError {
    let stores = Stores::new(ObjectsConfig {
        s3: S3Config {
            endpoint_url: Some(server.endpoint().parse().unwrap()),
            ca_file: ca_file.map(Path::to_owned),
            access_key_id: Some(S3::ACCESS_KEY_ID.to_owned()),
            secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
            retries: 1,
            ..S3Config::default()
        },
        ..ObjectsConfig::default()
    });
    let (store, key) = stores.open(&"s3://bucket/a.jpg".parse().unwrap()).unwrap();
    store.head(&key).await.unwrap_err()
}

#[tokio::test]
async fn a_server_is_trusted_by_its_authority_and_by_no_other() {
    let authority = Authority::new().unwrap();
    let ca_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::copy(authority.ca_file(), ca_file.path()).unwrap();
    let server = S3::start_with_tls(authority).unwrap();

    // The server is empty: it is trusted as soon as it can say so.
    let answer = head(&server, Some(ca_file.path())).await;
    assert!(
        matches!(
            answer,
            ObjectError::NotFound { .. } | ObjectError::NoSuchContainer { .. }
        ),
        "{answer:?}"
    );

    let stranger = Authority::new().unwrap();
    for ca_file in [None, Some(stranger.ca_file())] {
        let error = head(&server, ca_file.as_deref()).await;
        assert!(matches!(error, ObjectError::Config(_)), "{error:?}");
        let sentence = error.to_string();
        assert!(
            sentence.contains("certificate that is not trusted") && sentence.contains("s3.ca_file"),
            "{sentence}"
        );
    }
}

#[tokio::test]
async fn a_ca_file_that_holds_no_certificate_is_named() {
    let server = S3::start_with_tls(Authority::new().unwrap()).unwrap();
    let empty = tempfile::NamedTempFile::new().unwrap();
    for path in [empty.path(), Path::new("/nowhere/ca.pem")] {
        let error = head(&server, Some(path)).await;
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
