//! What a user does.

use anyhow::Result;
use tonic::transport::Endpoint;
use uuid::Uuid;
use velatura_proto::v1;
use velatura_proto::v1::jobs_client::JobsClient;

use crate::library;

/// Submits the whole library to the coordinator at a gRPC address; gives the job.
pub async fn submit(address: &str) -> Result<Uuid> {
    let channel = Endpoint::from_shared(address.to_owned())?.connect().await?;
    let job = JobsClient::new(channel).submit_job(request()).await?.into_inner();
    Ok(job.id.parse()?)
}

/// Every photo of the library, in one style.
fn request() -> v1::SubmitJobRequest {
    let style = v1::WeightedStyle {
        style: "nocturne".into(),
        weight: None,
    };
    v1::SubmitJobRequest {
        source: Some(v1::Source {
            prefix: format!("s3://{}/{}", library::BUCKET, library::PREFIX),
            ..v1::Source::default()
        }),
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
