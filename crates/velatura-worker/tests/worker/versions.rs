//! One version of a photo in a bucket that keeps several.

use velatura_objects::{Location, S3Config};
use velatura_testkit::s3::S3;
use velatura_worker::{Assignment, Outcome};

use crate::studio::{Studio, output_key, photo, recipe};

#[tokio::test]
async fn the_version_that_is_asked_for_is_painted() {
    let server = S3::start().unwrap();
    server.create_bucket("kept").unwrap();
    server.keep_versions("kept").unwrap();
    let studio = Studio::with_buckets(S3Config {
        endpoint_url: Some(server.endpoint().parse().unwrap()),
        region: Some(S3::REGION.into()),
        access_key_id: Some(S3::ACCESS_KEY_ID.into()),
        secret_access_key: Some(S3::SECRET_ACCESS_KEY.into()),
        ..S3Config::default()
    });
    let place: Location = "s3://kept/bay.png".parse().unwrap();
    studio.put(&place, photo(1)).await;
    let first = server.version_ids("kept").unwrap();
    studio.put(&place, photo(90)).await;
    studio.write("same.png", &photo(1));

    let recipe = recipe("embers");
    let of_first = Assignment {
        source: place.clone(),
        version_id: Some(first[0].clone()),
        ..studio.assignment("bay.png", std::slice::from_ref(&recipe))
    };
    assert_eq!(studio.run(&of_first).await.outcome, Outcome::Done);
    let same = studio.assignment("same.png", std::slice::from_ref(&recipe));
    assert_eq!(studio.run(&same).await.outcome, Outcome::Done);
    assert_eq!(
        studio.pixels(&output_key("bay.png", &recipe)),
        studio.pixels(&output_key("same.png", &recipe))
    );
    assert_eq!(
        studio.run(&of_first).await.outcome,
        Outcome::Skipped,
        "the same version again"
    );
    let newest = Assignment {
        version_id: None,
        ..of_first.clone()
    };
    assert_eq!(studio.run(&newest).await.outcome, Outcome::Done, "another photo");

    let missing = Assignment {
        version_id: Some("never-was".to_owned()),
        ..of_first
    };
    let finished = studio.run(&missing).await;
    assert!(matches!(finished.outcome, Outcome::Failed(_)), "{:?}", finished.outcome);
}
