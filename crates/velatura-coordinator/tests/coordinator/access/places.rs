use velatura_proto::v1;
use velatura_proto::v1::manifest::OnBadLine;

use super::{guarded, key, wanted};
use crate::bench::counters;

#[tokio::test]
async fn every_location_of_a_submission_is_checked() {
    let bench = guarded().await;
    let created = key(&bench, &wanted(&bench, "default", &["submit"])).await;
    let client = bench.client.with_key(&created.secret);
    let outside = bench.url("photos-private/x");
    let objects = |objects: Vec<String>| {
        Some(v1::Source {
            objects,
            ..Default::default()
        })
    };
    type Spoil<'a> = Box<dyn Fn(&mut v1::SubmitJobRequest) + 'a>;
    let spoilt: [(&str, &str, Spoil<'_>); 7] = [
        ("source-not-allowed", "source.prefix", {
            Box::new(|r| r.source.as_mut().unwrap().prefix = bench.url("photos-private"))
        }),
        // Above what is allowed, with a destination that does not lie inside it.
        ("source-not-allowed", "source.prefix", {
            Box::new(|r| {
                r.source.as_mut().unwrap().prefix = bench.url("");
                r.destination.as_mut().unwrap().prefix = "s3://elsewhere/".into();
            })
        }),
        ("source-not-allowed", "source.objects[1]", {
            Box::new(|r| r.source = objects(vec![bench.url("photos/a.jpg"), outside.clone()]))
        }),
        ("source-not-allowed", "recipes[0].styles[0].style", {
            Box::new(|r| r.recipes[0].styles[0].style = outside.clone())
        }),
        ("source-not-allowed", "recipes[0].region", {
            Box::new(|r| r.recipes[0].region = Some(bench.url("masks/{path}/{stem}.png")))
        }),
        ("source-not-allowed", "recipes[0].depth.map", {
            Box::new(|r| {
                r.recipes[0].depth = Some(v1::Depth {
                    mode: Some("map".into()),
                    map: Some(bench.url("photos{path}/{stem}.png")),
                    ..Default::default()
                });
            })
        }),
        ("destination-not-allowed", "destination.prefix", {
            Box::new(|r| r.destination.as_mut().unwrap().prefix = bench.url("painted-by-others"))
        }),
    ];
    for (code, field, spoil) in spoilt {
        let mut request = bench.request();
        spoil(&mut request);
        let answer = client.post_json("/v1/jobs", &request).await;
        assert_eq!(answer.error(), (403, code.to_owned()), "{field}: {answer:?}");
        assert_eq!(answer.json()["error"]["field"], field);
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        let allowed = bench.url(if code == "source-not-allowed" {
            "photos/"
        } else {
            "painted/"
        });
        assert!(message.contains(&allowed), "it says the rule: {message}");
    }
    assert_eq!(bench.ledger.jobs(None, None, 10).await.unwrap(), []);

    let mut inside = bench.request();
    inside.recipes[0].region = Some(bench.url("photos/masks/{path}/{stem}.png"));
    inside.recipes[0].styles[0].style = bench.url("photos/style.jpg");
    inside.destination.as_mut().unwrap().prefix = bench.url("painted/2024");
    client.submit(&inside).await;
}

#[tokio::test]
async fn a_manifest_names_nothing_beyond_what_its_key_may_read() {
    let bench = guarded().await;
    let created = key(&bench, &wanted(&bench, "default", &["submit", "read"])).await;
    let client = bench.client.with_key(&created.secret);
    let lines = [
        "source,mask".to_owned(),
        format!("{},", bench.url("photos/a.jpg")),
        format!("{},", bench.url("photos-private/b.jpg")),
        format!("{},{}", bench.url("photos/b.jpg"), bench.url("masks/b.png")),
        "s3://elsewhere/c.jpg,".to_owned(),
    ];
    let manifest = |on_bad_line: OnBadLine| v1::SubmitJobRequest {
        source: Some(v1::Source {
            manifest: Some(v1::Manifest {
                content: lines.join("\n").into_bytes(),
                on_bad_line: on_bad_line.into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..bench.request()
    };
    let job = client.submit(&manifest(OnBadLine::Skip)).await;
    let listed = client
        .events(&job.id)
        .until(|job| counters(job).total == 4)
        .await
        .unwrap();
    assert_eq!(counters(&listed).failed, 3);
    let failed = client.tasks(&job.id, "state=FAILED").await.tasks;
    for (task, line) in failed.iter().zip(["line 3 ", "line 4 ", "line 5 "]) {
        assert_eq!(task.code, "source-not-allowed");
        let says = [line, "may read below", &bench.url("photos/")];
        assert!(says.iter().all(|part| task.message.contains(part)), "{}", task.message);
    }

    let job = client.submit(&manifest(OnBadLine::Refuse)).await;
    let ended = client
        .events(&job.id)
        .until(|job| !job.ended_at.is_empty())
        .await
        .unwrap();
    assert_eq!(
        (ended.state(), ended.code.as_str()),
        (v1::job::State::Failed, "source-not-allowed")
    );
}
