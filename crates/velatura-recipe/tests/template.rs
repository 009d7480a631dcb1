//! Where results go.

use velatura_recipe::{Photo, Template, TemplateError};

fn filled(template: &str, key: &str) -> String {
    template
        .parse::<Template>()
        .expect("it is a template")
        .fill(Photo { key }, "nocturne", "jpg")
}

#[test]
fn the_tree_is_kept_by_default() {
    assert_eq!(
        filled(Template::DEFAULT, "2024/june/beach.png"),
        "2024/june/beach.nocturne.jpg"
    );
    assert_eq!(filled(Template::DEFAULT, "beach.png"), "beach.nocturne.jpg");
}

#[test]
fn an_empty_path_leaves_no_slash_behind() {
    assert_eq!(filled("out/{path}/{name}", "beach.png"), "out/beach.png");
    assert_eq!(filled("/depth/{path}/{stem}.png", "beach.jpg"), "/depth/beach.png");
}

#[test]
fn folders_without_a_name_are_kept() {
    let template = Template::DEFAULT;
    assert_eq!(filled(template, "/a.jpg"), "/a.nocturne.jpg");
    assert_eq!(filled(template, "x//a.jpg"), "x//a.nocturne.jpg");
    assert_eq!(filled("{style}/{path}/{name}", "/a.jpg"), "nocturne//a.jpg");
    assert_eq!(filled("{style}/{path}/{name}", "a.jpg"), "nocturne/a.jpg");
}

#[test]
fn doubled_braces_are_braces() {
    assert_eq!(filled("{{{stem}}}", "a.jpg"), "{a}");
    assert_eq!(filled("{{stem}}", "a.jpg"), "{stem}");
    for text in ["s3://b/{odd} } {{key", "", "plain"] {
        assert_eq!(filled(&Template::literal(text), "a.jpg"), text);
    }
}

#[test]
fn names_without_extension_and_hidden_names_keep_their_stem() {
    assert_eq!(filled("{stem}", "a/IMG_0001"), "IMG_0001");
    assert_eq!(filled("{stem}", "a/.hidden"), ".hidden");
    assert_eq!(filled("{stem}", "a/b.c.jpg"), "b.c");
}

#[test]
fn mistakes_are_named() {
    assert!(
        matches!("{styl}".parse::<Template>(), Err(TemplateError::Unknown { placeholder, .. }) if placeholder == "styl")
    );
    assert!(matches!("{stem".parse::<Template>(), Err(TemplateError::Unclosed(_))));
    assert!(matches!(
        Template::for_outputs("{path}/{style}.jpg"),
        Err(TemplateError::WithoutStem(_))
    ));
}

#[test]
fn photos_are_known_by_the_ending_of_their_names() {
    for key in [
        "a.jpg",
        "b/c.JPEG",
        "d.e.Tif",
        "ü/日.webp",
        "x.GIF",
        "a/b.png",
        "a.heic",
    ] {
        assert!(Photo { key }.is_named_as_photo(), "{key}");
    }
    for key in ["a.txt", "jpg", ".jpg", "a/.png", "a.jpg/", "a.jpg.bak", ""] {
        assert!(!Photo { key }.is_named_as_photo(), "{key}");
    }
}
