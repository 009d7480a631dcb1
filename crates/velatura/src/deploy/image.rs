//! What the image is built from is there, and gets into the build.

use std::path::Path;

use super::{files, nothing, read, root};

/// What `COPY` takes from the repository.
fn copied(dockerfile: &str) -> Vec<String> {
    let ours = dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY ") && !line.contains("--from="));
    let sources = |line: &str| -> Vec<String> {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        words[..words.len() - 1].iter().map(|&word| word.to_owned()).collect()
    };
    ours.flat_map(sources).filter(|source| source != ".").collect()
}

/// Whether the build context has a file: all is shut out but what is let in again.
fn in_context(path: &str, ignored: &str) -> bool {
    let let_in = ignored.lines().filter_map(|line| line.strip_prefix('!'));
    let_in.into_iter().any(|place| Path::new(path).starts_with(place))
}

#[test]
fn what_the_dockerfile_copies_exists_and_is_in_its_context() {
    let ignored = read(&root().join("deploy/Dockerfile.dockerignore"));
    let mut wrong = Vec::new();
    let sources = copied(&read(&root().join("deploy/Dockerfile")));
    assert!(sources.len() >= 3, "{sources:?}");
    for source in sources {
        let folder = source.split("/*").next().unwrap_or_default();
        if !root().join(folder).exists() || !in_context(folder, &ignored) {
            wrong.push(format!(
                "COPY {source}: it is not there, or deploy/Dockerfile.dockerignore shuts it out"
            ));
        }
    }
    for place in ignored.lines().filter_map(|line| line.strip_prefix('!')) {
        if !root().join(place).exists() {
            wrong.push(format!(
                "deploy/Dockerfile.dockerignore lets in {place}, which is not there"
            ));
        }
    }
    nothing(&wrong);
}

/// The program can't be built without what its sources include, nor without any member of its workspace.
#[test]
fn what_the_build_needs_is_in_the_images_context() {
    let ignored = read(&root().join("deploy/Dockerfile.dockerignore"));
    let mut needed = Vec::new();
    for (path, text) in files(&["crates"], ".rs") {
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
        for name in text
            .split("include_str!(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            let included = path.parent().unwrap().join(name).canonicalize();
            needed.extend(included.ok().filter(|_| !is_test));
        }
    }
    assert!(
        needed
            .iter()
            .any(|path| path.ends_with("deploy/rabbitmq/policies.json")),
        "{needed:?}"
    );
    let manifest = read(&root().join("Cargo.toml"));
    let members = manifest
        .split("members = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap();
    let members = members.split('"').skip(1).step_by(2);
    needed.extend(members.map(|member| root().join(member.trim_end_matches("/*"))));
    let below = |path: &Path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let out: Vec<String> = needed
        .iter()
        .map(|path| below(path))
        .filter(|path| !in_context(path, &ignored))
        .collect();
    nothing(&out);
}

#[test]
fn what_the_compose_file_mounts_exists() {
    let compose = read(&root().join("deploy/compose.yaml"));
    let mounts = compose
        .split("\"./")
        .skip(1)
        .filter_map(|rest| rest.split([':', '"']).next());
    let missing: Vec<String> = mounts
        .filter(|path| !root().join("deploy").join(path).exists())
        .map(str::to_owned)
        .collect();
    nothing(&missing);
    assert!(compose.contains("dockerfile: deploy/Dockerfile, target: cpu"));
    assert!(read(&root().join("deploy/Dockerfile")).contains(" AS cpu"));
}

#[test]
fn the_image_never_runs_as_root_and_fails_to_build_with_a_program_that_does_not_start() {
    let dockerfile = read(&root().join("deploy/Dockerfile"));
    for target in ["cpu", "cuda"] {
        let stage = dockerfile
            .split(&format!(" AS {target}\n"))
            .nth(1)
            .and_then(|rest| rest.split("\nFROM ").next());
        let stage = stage.unwrap_or_else(|| panic!("there is no target {target}"));
        assert!(
            stage.contains("RUN velatura --version && velatura packs "),
            "{target}: {stage}"
        );
        assert!(stage.contains("USER 10001:10001"), "{target}: {stage}");
    }
}

#[test]
fn what_is_shut_out_is_found() {
    let ignored = "*\n!crates\n!deploy/rabbitmq/policies.json\n";
    assert!(in_context("crates/velatura/src/main.rs", ignored) && in_context("deploy/rabbitmq/policies.json", ignored));
    assert!(!in_context("docs/img/result.jpg", ignored) && !in_context("deploy/compose.yaml", ignored));
    assert_eq!(
        copied("COPY . .\nCOPY a b/*.jpg /c/\nCOPY --from=x /d /e\n"),
        ["a", "b/*.jpg"]
    );
}
