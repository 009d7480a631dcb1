//! What a user does.

use anyhow::Result;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;
use velatura_proto::v1;
use velatura_proto::v1::jobs_client::JobsClient;

use crate::library;

/// Submits the whole library to the coordinator at a gRPC address; gives the job.
pub async fn submit(address: &str) -> Result<Uuid> {
    let job = connect(address)
        .await?
        .submit_job(request(below("")))
        .await?
        .into_inner();
    Ok(job.id.parse()?)
}

/// A client of the coordinator at a gRPC address.
pub(crate) async fn connect(address: &str) -> Result<JobsClient<Channel>> {
    Ok(JobsClient::new(
        Endpoint::from_shared(address.to_owned())?.connect().await?,
    ))
}

/// The photos of the library whose keys begin so, below the place of all photos.
pub(crate) fn below(part: &str) -> v1::Source {
    v1::Source {
        prefix: format!("s3://{}/{}{part}", library::BUCKET, library::PREFIX),
        ..v1::Source::default()
    }
}

/// One photo of the library.
pub(crate) fn one(photo: u64) -> v1::Source {
    v1::Source {
        objects: vec![format!("s3://{}/{}", library::BUCKET, library::key(photo))],
        ..v1::Source::default()
    }
}

/// Photos in one style.
pub(crate) fn request(source: v1::Source) -> v1::SubmitJobRequest {
    let style = v1::WeightedStyle {
        style: "nocturne".into(),
        weight: None,
    };
    v1::SubmitJobRequest {
        source: Some(source),
        recipes: vec![v1::Recipe {
            styles: vec![style],
            ..v1::Recipe::default()
        }],
        destination: Some(v1::Destination {
            prefix: destination(),
            ..v1::Destination::default()
        }),
        ..v1::SubmitJobRequest::default()
    }
}

/// Where the pictures would lie.
pub(crate) fn destination() -> String {
    format!("s3://{}/painted/", library::BUCKET)
}
