//! `velatura up` and its client: everything in one process.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use velatura_e2e::{get, scenes, velatura, velatura_command};
use velatura_testkit::tls::Authority;
use velatura_testkit::{Child, free_port};

struct Up {
    child: Child,
    grpc: String,
}

/// Starts it with a configuration file of this text, and waits until its exporter has been answered by its coordinator.
fn up(data: &TempDir, root: &TempDir, config: &str) -> Result<Up> {
    let file = data.path().join("velatura.toml");
    fs::write(&file, config)?;
    let addresses: Vec<String> = (0..4).map(|_| format!("127.0.0.1:{}", free_port())).collect();
    let mut command: Command = velatura_command();
    command
        .arg("--config")
        .arg(file)
        .arg("up")
        .arg("--data")
        .arg(data.path())
        .arg("--root")
        .arg(root.path());
    for (flag, address) in ["--listen", "--grpc-listen", "--worker-listen", "--exporter-listen"]
        .iter()
        .zip(&addresses)
    {
        command.args([flag, address.as_str()]);
    }
    command
        .stdout(Stdio::null())
        .stderr(fs::File::create(data.path().join("up.log"))?);
    let mut child = Child::spawn("velatura up", command)?;
    let grpc = format!("http://{}", addresses[1]);
    let exporter = addresses[3]
        .rsplit(':')
        .next()
        .context("an address has a port")?
        .parse()?;
    let answered = "velatura_exporter_up{source=\"coordinator\"} 1";
    child.until(Duration::from_secs(60), || {
        Ok(get(exporter, "/metrics").is_ok_and(|(_, metrics)| metrics.contains(answered)))
    })?;
    Ok(Up { child, grpc })
}

#[test]
fn a_folder_is_submitted_watched_listed_and_skipped_after_a_restart() -> Result<()> {
    let (data, root) = (TempDir::new()?, TempDir::new()?);
    fs::create_dir(root.path().join("photos"))?;
    for scene in scenes()?.iter().take(3) {
        fs::copy(
            scene,
            root.path()
                .join("photos")
                .join(scene.file_name().expect("a scene is a file")),
        )?;
    }
    fs::write(root.path().join("photos/notes.jpg"), "no picture")?;
    let path = |name: &str| root.path().join(name).to_string_lossy().into_owned();
    let (photos, painted) = (path("photos"), path("painted"));

    let mut first = up(&data, &root, "")?;
    let submit = [
        "submit", &photos, "--to", &painted, "--style", "harvest", "--size", "256", "--watch",
    ];
    let ran = velatura(&[&submit[..], &["--coordinator", &first.grpc]].concat());
    assert_eq!(ran.code, 1, "one is no picture: {} {}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("3 done") && ran.stdout.contains("1 failed"),
        "{}",
        ran.stdout
    );
    assert_eq!(
        fs::read_dir(&painted)?
            .filter(|e| e.as_ref().is_ok_and(|e| e.path().is_file()))
            .count(),
        3
    );

    let listed = velatura(&["jobs", "list", "--coordinator", &first.grpc]).stdout;
    let id = listed.split_whitespace().next().expect("a job is listed");
    let failed = velatura(&["jobs", "tasks", id, "--state", "failed", "--coordinator", &first.grpc]).stdout;
    assert!(
        failed.contains("notes.jpg") && failed.contains("unknown-format"),
        "{failed}"
    );

    // What a worker has stored is what a dry run takes for done; another recipe's is not.
    let dry_run = |size: &'static str| {
        let submit = [
            "submit",
            &photos,
            "--to",
            &painted,
            "--style",
            "harvest",
            "--size",
            size,
            "--dry-run",
        ];
        velatura(&[&submit[..], &["--coordinator", &first.grpc]].concat()).stdout
    };
    let (same, other) = (dry_run("256"), dry_run("128"));
    assert!(same.contains("about 3 of them have their pictures already"), "{same}");
    assert!(!other.contains("have their pictures already"), "{other}");

    // One photo while somebody waits, handed over as a file.
    let (photo, picture) = (path("photos/notes.jpg"), path("one.jpg"));
    let paint = [
        "paint", &photo, "--style", "harvest", "--size", "128", "--out", &picture,
    ];
    let refused = velatura(&[&paint[..], &["--coordinator", &first.grpc]].concat());
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stderr.contains("unknown-format"), "{}", refused.stderr);
    let scene = scenes()?.remove(0);
    let scene = path("photos") + "/" + &scene.file_name().expect("a scene is a file").to_string_lossy();
    let paint = [
        "paint", &scene, "--style", "harvest", "--size", "128", "--out", &picture,
    ];
    let painted = velatura(&[&paint[..], &["--coordinator", &first.grpc]].concat());
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    assert!(fs::read(&picture)?.starts_with(&[0xff, 0xd8]), "it is a JPEG");

    // What is not ready in time is asked for later.
    let hasty = [&paint[..], &["--deadline", "0.01", "--coordinator", &first.grpc]].concat();
    let late = velatura(&hasty);
    assert_eq!(late.code, 1, "{}", late.stderr);
    let id = late
        .stderr
        .split("--job ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let (id, later) = (id.context("it says how to ask for it")?, path("later.jpg"));
    let ask = ["paint", "--job", id, "--out", &later, "--coordinator", &first.grpc];
    let asked = velatura(&ask);
    assert_eq!(asked.code, 0, "{}", asked.stderr);
    assert_eq!(fs::read(&later)?, fs::read(&picture)?);

    // A list of photos, handed over as a file.
    let list = data.path().join("list.csv");
    let lines = [
        "source,note".to_owned(),
        format!("file://{scene},"),
        "nowhere,".to_owned(),
    ];
    fs::write(&list, lines.join("\n"))?;
    let (list, selected) = (list.to_string_lossy().into_owned(), path("selected"));
    let submit_list = [
        "submit",
        "--manifest",
        &list,
        "--to",
        &selected,
        "--style",
        "harvest",
        "--size",
        "128",
        "--watch",
    ];
    let ran = velatura(&[&submit_list[..], &["--coordinator", &first.grpc]].concat());
    assert!(
        ran.stdout.contains("1 done") && ran.stdout.contains("1 failed"),
        "{} {}",
        ran.stdout,
        ran.stderr
    );

    first.child.signal(15)?;
    assert!(first.child.wait(Duration::from_secs(60))?.success());
    let second = up(&data, &root, "")?;
    let again = velatura(&[&submit[..], &["--coordinator", &second.grpc]].concat());
    assert!(again.stdout.contains("3 skipped"), "{} {}", again.stdout, again.stderr);
    let listed = velatura(&["jobs", "list", "--coordinator", &second.grpc]).stdout;
    assert_eq!(listed.lines().count(), 6, "{listed}");
    Ok(())
}

#[test]
fn where_keys_are_asked_for_its_exporter_has_one_of_its_own() -> Result<()> {
    let (data, root) = (TempDir::new()?, TempDir::new()?);
    let config = "[coordinator]\naccess = \"keys\"\n[exporter]\npoll_seconds = 0.2\n";
    let up = up(&data, &root, config)?;
    let refused = velatura(&["jobs", "list", "--coordinator", &up.grpc]);
    assert!(
        refused.code == 2 && refused.stderr.contains("API key"),
        "{}",
        refused.stderr
    );
    Ok(())
}

#[test]
fn over_tls_its_exporter_finds_its_coordinator_too() -> Result<()> {
    let (data, root, authority) = (TempDir::new()?, TempDir::new()?, Authority::new()?);
    let config = format!(
        "[coordinator]\ntls_certificate = {:?}\ntls_key = {:?}\n[exporter]\nca_file = {:?}\npoll_seconds = 0.2\n",
        authority.certificate_file(),
        authority.key_file(),
        authority.ca_file()
    );
    let up = up(&data, &root, &config)?;
    let (url, ca) = (up.grpc.replace("http://", "https://"), authority.ca_file());
    let ca = ca.to_string_lossy();
    let listed = velatura(&["jobs", "list", "--coordinator", &url, "--ca-file", &ca]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    Ok(())
}
