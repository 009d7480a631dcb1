//! `velatura up` and its client: everything in one process.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;
use velatura_e2e::{scenes, velatura, velatura_command};
use velatura_testkit::{Child, free_port};

struct Up {
    child: Child,
    grpc: String,
}

fn up(data: &TempDir, root: &TempDir) -> Result<Up> {
    let addresses: Vec<String> = (0..4).map(|_| format!("127.0.0.1:{}", free_port())).collect();
    let mut command: Command = velatura_command();
    command
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
    child.until(Duration::from_secs(60), || {
        Ok(velatura(&["jobs", "list", "--coordinator", &grpc]).code == 0)
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

    let mut first = up(&data, &root)?;
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

    first.child.signal(15)?;
    assert!(first.child.wait(Duration::from_secs(60))?.success());
    let second = up(&data, &root)?;
    let again = velatura(&[&submit[..], &["--coordinator", &second.grpc]].concat());
    assert!(again.stdout.contains("3 skipped"), "{} {}", again.stdout, again.stderr);
    let listed = velatura(&["jobs", "list", "--coordinator", &second.grpc]).stdout;
    assert_eq!(listed.lines().count(), 2, "{listed}");
    Ok(())
}
