use velatura_proto::v1;

use super::*;

fn request(change: impl FnOnce(&mut v1::SubmitJobRequest)) -> v1::SubmitJobRequest {
    let mut request = v1::SubmitJobRequest {
        source: Some(v1::Source {
            objects: vec![],
            prefix: "s3://photos/2024".into(),
            ..Default::default()
        }),
        recipes: vec![recipe("waves")],
        destination: Some(v1::Destination {
            prefix: "s3://painted/2024".into(),
            template: String::new(),
            ..Default::default()
        }),
        ..Default::default()
    };
    change(&mut request);
    request
}

fn recipe(style: &str) -> v1::Recipe {
    v1::Recipe {
        styles: vec![v1::WeightedStyle {
            style: style.into(),
            weight: None,
        }],
        ..Default::default()
    }
}

fn source(objects: &[&str], prefix: &str) -> Option<v1::Source> {
    Some(v1::Source {
        objects: objects.iter().map(|o| (*o).to_owned()).collect(),
        prefix: prefix.into(),
        ..Default::default()
    })
}

fn destination(prefix: &str, template: &str) -> Option<v1::Destination> {
    Some(v1::Destination {
        prefix: prefix.into(),
        template: template.into(),
        ..Default::default()
    })
}

#[test]
fn every_refusal_has_its_code_and_names_the_field() {
    type Change = Box<dyn FnOnce(&mut v1::SubmitJobRequest)>;
    let cases: Vec<(&str, &str, Change)> = vec![
        ("source-missing", "source", Box::new(|r| r.source = None)),
        ("source-missing", "source", Box::new(|r| r.source = source(&[], ""))),
        (
            "source-ambiguous",
            "source",
            Box::new(|r| r.source = source(&["s3://p/a.jpg"], "s3://p")),
        ),
        (
            "source-duplicate",
            "source.objects[1]",
            Box::new(|r| r.source = source(&["s3://p/a.jpg", "s3://p/a.jpg"], "")),
        ),
        (
            "source-is-folder",
            "source.objects[0]",
            Box::new(|r| r.source = source(&["s3://p/a/"], "")),
        ),
        (
            "objects-too-many",
            "source.objects",
            Box::new(|r| r.source = source(&["s3://p/a"; 4], "")),
        ),
        (
            "location-invalid",
            "source.prefix",
            Box::new(|r| r.source = source(&[], "http://p/a")),
        ),
        (
            "location-invalid",
            "source.objects[1]",
            Box::new(|r| r.source = source(&["s3://p/a.jpg", "b.jpg"], "")),
        ),
        (
            "destination-missing",
            "destination.prefix",
            Box::new(|r| r.destination = None),
        ),
        (
            "location-invalid",
            "destination.prefix",
            Box::new(|r| r.destination = destination("painted", "")),
        ),
        (
            "destination-inside-source",
            "destination.prefix",
            Box::new(|r| r.destination = destination("s3://photos/2024/painted", "")),
        ),
        (
            "destination-inside-source",
            "destination.prefix",
            Box::new(|r| r.destination = destination("s3://photos/2024", "")),
        ),
        (
            "template-invalid",
            "destination.template",
            Box::new(|r| r.destination = destination("s3://q", "{stem}.{year}")),
        ),
        (
            "template-invalid",
            "destination.template",
            Box::new(|r| r.destination = destination("s3://q", "{style}.{ext}")),
        ),
        (
            "template-invalid",
            "destination.template",
            Box::new(|r| r.destination = destination("s3://q", "../{name}")),
        ),
        (
            "template-invalid",
            "destination.template",
            Box::new(|r| r.destination = destination("s3://q", "/{name}")),
        ),
        (
            "template-without-style",
            "destination.template",
            Box::new(|r| {
                r.recipes.push(recipe("dunes"));
                r.destination = destination("s3://q", "{path}/{stem}.{ext}");
            }),
        ),
        ("recipes-missing", "recipes", Box::new(|r| r.recipes.clear())),
        (
            "recipe-without-style",
            "recipes[0].styles",
            Box::new(|r| r.recipes[0].styles.clear()),
        ),
        (
            "recipe-out-of-range",
            "recipes[0].strength",
            Box::new(|r| r.recipes[0].strength = Some(2.0)),
        ),
        (
            "recipe-syntax",
            "recipes[0]",
            Box::new(|r| r.recipes[0].detail = Some("much".into())),
        ),
        (
            "recipe-label-duplicate",
            "recipes[1].name",
            Box::new(|r| r.recipes.push(recipe("waves"))),
        ),
        (
            "recipe-label-invalid",
            "recipes[0].name",
            Box::new(|r| r.recipes[0].name = Some("a/b".into())),
        ),
        (
            "template-invalid",
            "recipes[0].region",
            Box::new(|r| r.recipes[0].region = Some("masks/{stem".into())),
        ),
        (
            "output-collision",
            "destination.template",
            Box::new(|r| r.source = source(&["s3://p/a.jpg", "s3://p/a.png"], "")),
        ),
        (
            "output-over-source",
            "destination",
            Box::new(|r| {
                r.source = source(&["s3://p/a.jpg"], "");
                r.destination = destination("s3://p", "{stem}.jpg");
            }),
        ),
        (
            "description-too-long",
            "description",
            Box::new(|r| r.description = "x".repeat(1001)),
        ),
    ];
    for (code, field, change) in cases {
        let refusal = Submission::read(&request(change), 3).unwrap_err();
        assert_eq!((refusal.code, refusal.field.as_str()), (code, field), "{refusal}");
    }
}

#[test]
fn a_folder_beside_the_source_is_no_part_of_it() {
    let beside = request(|r| r.destination = destination("s3://photos/2024-painted", ""));
    assert!(Submission::read(&beside, 3).is_ok());
}

#[test]
fn a_destination_above_the_source_is_found_out_by_the_photo() {
    let above = request(|r| r.destination = destination("s3://photos", "2024/{path}/{name}"));
    let submission = Submission::read(&above, 3).unwrap();
    let Source::Prefix(prefix, _) = &submission.source else {
        panic!("a prefix")
    };
    assert!(matches!(
        submission.outputs.check_photo("a.jpg", prefix),
        Err(Clash::OverSource { .. })
    ));
}

#[test]
fn the_keys_of_named_photos_begin_at_their_common_folder() {
    let keys = |objects: &[&str]| -> Vec<String> {
        let objects: Vec<String> = objects.iter().map(|o| (*o).to_owned()).collect();
        objects::read(&objects)
            .unwrap()
            .into_iter()
            .map(|photo| photo.key)
            .collect()
    };
    assert_eq!(keys(&["s3://p/2024/june/a.jpg"]), ["a.jpg"]);
    assert_eq!(
        keys(&["s3://p/2024/june/a.jpg", "s3://p/2024/july/a.jpg"]),
        ["june/a.jpg", "july/a.jpg"]
    );
    assert_eq!(keys(&["s3://p/a.jpg", "s3://q/a.jpg"]), ["p/a.jpg", "q/a.jpg"]);
    assert_eq!(
        keys(&["file:///photos/ab.jpg", "file:///photos/ac.jpg"]),
        ["ab.jpg", "ac.jpg"]
    );
}

#[test]
fn a_task_names_each_picture_and_carries_no_defaults() {
    let two = request(|r| r.recipes.push(recipe("styles/dunes.png")));
    let submission = Submission::read(&two, 3).unwrap();
    let task = submission.task(&velatura_ledger::Task {
        job_id: uuid::Uuid::nil(),
        seq: 7,
        state: velatura_ledger::TaskState::Dispatched,
        source: "s3://photos/2024/june/beach.jpg".into(),
        key: "june/beach.jpg".into(),
        attempt: 2,
        code: String::new(),
        message: String::new(),
        item: velatura_ledger::Item::default(),
        ended_at: None,
    });
    let outputs: Vec<&str> = task.paintings.iter().map(|p| p.output.as_str()).collect();
    assert_eq!(
        outputs,
        [
            "s3://painted/2024/june/beach.waves.jpg",
            "s3://painted/2024/june/beach.dunes.jpg"
        ]
    );
    assert_eq!((task.seq, task.attempt, task.version), (7, 2, 1));
    assert!(velatura_proto::to_json(&task).len() < 1024);
}
