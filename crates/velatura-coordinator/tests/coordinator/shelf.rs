//! A real S3 server with a bucket `library`, and a coordinator that uses it.

use std::io::Write as _;

use bytes::Bytes;
use velatura_objects::{Location, ObjectsConfig, PutOptions, S3Config, Stores};
use velatura_proto::v1;
use velatura_testkit::s3::S3;

use crate::bench::{Bench, Setup, recipe};

/// What is in storage.
pub(crate) struct Shelf {
    pub(crate) server: S3,
    pub(crate) stores: Stores,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let server = S3::start().unwrap();
        server.create_bucket("library").unwrap();
        Self::of(server)
    }

    /// What is in a storage of the test's own.
    pub(crate) fn of(server: S3) -> Self {
        let stores = Stores::new(ObjectsConfig {
            s3: config(&server),
            ..ObjectsConfig::default()
        });
        Self { server, stores }
    }

    /// Gives the version.
    pub(crate) async fn put(&self, key: &str, body: impl Into<Bytes>) -> String {
        self.put_with(key, body, PutOptions::default()).await
    }

    pub(crate) async fn put_with(&self, key: &str, body: impl Into<Bytes>, options: PutOptions) -> String {
        let place = Location::parse(&format!("s3://library/{key}")).unwrap();
        let (store, key) = self.stores.open(&place).unwrap();
        store.put(&key, body.into(), options).await.unwrap()
    }

    /// Empty objects are photos enough for a coordinator.
    pub(crate) async fn photos<S: AsRef<str>>(&self, keys: impl IntoIterator<Item = S>) {
        for key in keys {
            self.put(key.as_ref(), "").await;
        }
    }

    pub(crate) async fn get(&self, url: &str) -> Bytes {
        let (store, key) = self.stores.open(&Location::parse(url).unwrap()).unwrap();
        store.get(&key, 1 << 24).await.unwrap().body
    }

    pub(crate) fn setup(&self, mut setup: Setup) -> Setup {
        setup.s3 = config(&self.server);
        setup
    }

    pub(crate) async fn start(&self) -> Bench {
        self.setup(Setup::new().await).start().await
    }
}

fn config(server: &S3) -> S3Config {
    S3Config {
        endpoint_url: Some(server.endpoint().parse().unwrap()),
        region: Some(S3::REGION.into()),
        access_key_id: Some(S3::ACCESS_KEY_ID.into()),
        secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
        retries: 0,
        ..S3Config::default()
    }
}

/// What a source asks for, painted into the same bucket.
pub(crate) fn request(source: v1::Source) -> v1::SubmitJobRequest {
    v1::SubmitJobRequest {
        source: Some(source),
        recipes: vec![recipe("waves")],
        destination: Some(v1::Destination {
            prefix: "s3://library/painted".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub(crate) fn prefix(prefix: &str) -> v1::SubmitJobRequest {
    request(v1::Source {
        prefix: prefix.into(),
        ..Default::default()
    })
}

pub(crate) fn manifest(manifest: v1::Manifest) -> v1::SubmitJobRequest {
    request(v1::Source {
        manifest: Some(manifest),
        ..Default::default()
    })
}

/// A manifest that lies in storage.
pub(crate) fn listed(url: &str) -> v1::SubmitJobRequest {
    manifest(v1::Manifest {
        url: url.into(),
        ..Default::default()
    })
}

pub(crate) fn packed(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// Every task of a job, in order.
pub(crate) async fn all_tasks(bench: &Bench, id: &str) -> Vec<v1::TaskStatus> {
    let (mut tasks, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bench.client.tasks(id, &format!("limit=1000&cursor={cursor}")).await;
        tasks.extend(page.tasks);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return tasks;
        }
    }
}

pub(crate) async fn keys(bench: &Bench, id: &str) -> Vec<String> {
    let mut keys: Vec<String> = all_tasks(bench, id).await.into_iter().map(|task| task.key).collect();
    keys.sort();
    keys
}
