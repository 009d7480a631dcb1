use std::path::Path;

use velatura_objects::Location;

fn location(text: &str) -> Location {
    Location::parse(text).unwrap()
}

#[test]
fn a_location_comes_back_as_it_was_written() {
    for (text, key) in [
        ("s3://photos/2020/cat.jpg", "2020/cat.jpg"),
        ("s3://photos/", ""),
        ("s3://photos/2020/", "2020/"),
        ("s3://my.photos-1_x/a b+c%20/ü?x=y#z", "a b+c%20/ü?x=y#z"),
        ("s3://photos//leading//double", "/leading//double"),
        ("file:///", ""),
        ("file:///photos/2020/", "photos/2020/"),
        ("file:///photos/a b+c%20/ü?x=y#z.jpg", "photos/a b+c%20/ü?x=y#z.jpg"),
    ] {
        assert_eq!(location(text).to_string(), text);
        assert_eq!(location(text).key(), key);
        assert_eq!(
            serde_json::to_string(&location(text)).unwrap(),
            serde_json::to_string(text).unwrap()
        );
    }
    assert_eq!(location("s3://photos"), location("s3://photos/"));
}

#[test]
fn what_is_no_location_is_refused_with_the_rule() {
    for (text, rule) in [
        ("", "write s3://bucket/key or file:///absolute/path"),
        ("/photos/cat.jpg", "write s3://"),
        ("https://photos/cat.jpg", "write s3://"),
        ("s3:photos/cat.jpg", "write s3://"),
        ("s3:///cat.jpg", "a bucket must follow s3://"),
        ("s3://pho tos/cat.jpg", "`pho tos` can't be the name of a bucket"),
        ("s3://photos/../other/cat.jpg", "`..`"),
        ("file://photos/cat.jpg", "three slashes"),
        ("file:///photos/../etc/passwd", "`..`"),
        ("file:///photos/./cat.jpg", "`.`"),
        ("file:///photos//cat.jpg", "``"),
        ("file:///photos\0", "zero byte"),
    ] {
        let error = Location::parse(text).unwrap_err();
        assert_eq!(error.code(), "location-invalid");
        let message = error.to_string();
        assert!(message.contains(rule) && message.starts_with(text), "{text}: {message}");
        assert!(serde_json::from_value::<Location>(text.into()).is_err());
    }
}

#[test]
fn joining_puts_exactly_one_slash_between() {
    for (base, part, joined) in [
        ("s3://photos", "a.jpg", "s3://photos/a.jpg"),
        ("s3://photos/2020", "a.jpg", "s3://photos/2020/a.jpg"),
        ("s3://photos/2020/", "b/a.jpg", "s3://photos/2020/b/a.jpg"),
        ("s3://photos/2020", "", "s3://photos/2020"),
        ("file:///", "a.jpg", "file:///a.jpg"),
        ("file:///photos", "a b.jpg", "file:///photos/a b.jpg"),
    ] {
        assert_eq!(location(base).join(part).to_string(), joined);
    }
}

#[test]
fn what_is_below_a_prefix_ends_at_a_slash() {
    for (whole, prefix, below) in [
        ("s3://photos/a/b.jpg", "s3://photos", Some("a/b.jpg")),
        ("s3://photos/a/b.jpg", "s3://photos/a", Some("b.jpg")),
        ("s3://photos/a/b.jpg", "s3://photos/a/", Some("b.jpg")),
        ("s3://photos/a/b.jpg", "s3://photos/a/b.jpg", Some("")),
        ("s3://photos/a/b.jpg", "s3://photos/a/b", None),
        ("s3://photos/ab/c.jpg", "s3://photos/a", None),
        ("s3://photos/a/b.jpg", "s3://other/a", None),
        ("file:///a/b.jpg", "file:///", Some("a/b.jpg")),
        ("file:///a/b.jpg", "file:///a", Some("b.jpg")),
        ("file:///a/b.jpg", "s3://a/", None),
    ] {
        assert_eq!(
            location(whole).key_below(&location(prefix)),
            below,
            "{whole} below {prefix}"
        );
    }
}

#[test]
fn a_path_becomes_a_location() {
    for (path, text) in [
        ("/", "file:///"),
        ("/a//b/./c%20/", "file:///a/b/c%20"),
        ("/ü", "file:///ü"),
    ] {
        assert_eq!(Location::of_path(Path::new(path)).unwrap().to_string(), text);
    }
    for path in ["photos", "../photos", "/a/../b", ""] {
        assert_eq!(
            Location::of_path(Path::new(path)).unwrap_err().code(),
            "location-invalid",
            "{path}"
        );
    }
}

#[test]
fn what_is_joined_begins_with_the_root() {
    for text in [
        "s3://photos",
        "s3://photos/a",
        "s3://photos/a/",
        "s3://photos//",
        "file:///",
        "file:///a",
    ] {
        let (location, part) = (location(text), "b c/ü.jpg");
        assert_eq!(location.root() + part, location.join(part).to_string(), "{text}");
    }
}
