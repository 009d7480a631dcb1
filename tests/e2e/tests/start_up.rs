//! What can't start says so in one sentence, with exit code 2.

use std::fs;

use anyhow::Result;
use tempfile::TempDir;
use velatura_e2e::{Ran, scenes, velatura, velatura_command};
use velatura_testkit::free_port;

fn refused(arguments: &[&str], named: &[&str]) -> Ran {
    let ran = velatura(arguments);
    assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
    for part in named {
        assert!(
            ran.stderr.contains(part),
            "{arguments:?} does not name {part:?}: {}",
            ran.stderr
        );
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    ran
}

fn stylize(more: &[&str], named: &[&str]) -> Result<()> {
    let scene = scenes()?.remove(0);
    let out = TempDir::new()?;
    let (scene, out) = (
        scene.to_string_lossy().into_owned(),
        out.path().to_string_lossy().into_owned(),
    );
    let mut arguments = vec!["stylize", &scene, "--out", &out];
    arguments.extend(more);
    refused(&arguments, named);
    Ok(())
}

#[test]
fn wrong_flags_of_stylize() -> Result<()> {
    stylize(&[], &["--style"])?;
    stylize(&["--style", "nocturnal"], &["nocturnal", "nocturne"])?;
    stylize(
        &["--style", "nocturne", "--strength", "1.5"],
        &["strength", "1.5", "between 0 and 1"],
    )?;
    stylize(&["--style", "nocturne", "--depth-mode", "map"], &["depth.map"])?;
    stylize(&["--style", "nocturne", "--size", "12"], &["size", "64"])?;
    stylize(&["--style", "nocturne", "--template", "{path}/{styl}"], &["styl"])?;
    stylize(&["--style", "nocturne", "--recipe", "x.toml"], &["--recipe"])?;
    stylize(&["--recipe", "missing.toml"], &["missing.toml"])?;
    stylize(&["--style", "nocturne", "--style", "sumi", "--mix", "1"], &["--mix"])
}

#[test]
fn wrong_packs_devices_and_libraries() -> Result<()> {
    stylize(&["--style", "nocturne", "--pack", "missing"], &["missing"])?;
    stylize(&["--style", "nocturne", "--device", "cuda"], &["cuda", "--device cpu"])?;
    stylize(&["--style", "nocturne", "--device", "abacus"], &["abacus"])?;
    stylize(
        &["--style", "nocturne", "--onnxruntime", "/nowhere/libonnxruntime.so"],
        &["/nowhere/libonnxruntime.so"],
    )?;
    let broken = TempDir::new()?;
    let library = broken.path().join("libonnxruntime.so");
    fs::write(&library, "this is no library")?;
    stylize(
        &["--style", "nocturne", "--onnxruntime", &library.to_string_lossy()],
        &["libonnxruntime.so"],
    )
}

fn with_config(text: &str, role: &[&str], named: &[&str]) -> Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("velatura.toml");
    fs::write(&file, text)?;
    let file = file.to_string_lossy().into_owned();
    let mut arguments = vec!["--config", &file];
    arguments.extend(role);
    refused(&arguments, named);
    Ok(())
}

#[test]
fn unknown_keys_are_errors_that_name_them() -> Result<()> {
    with_config("[worker]\nin_flihgt = 3", &["worker"], &["in_flihgt"])?;
    with_config("[wroker]\nin_flight = 3", &["worker"], &["wroker"])?;
    with_config(
        "[coordinator]\nwindow_tasks = 'many'",
        &["coordinator"],
        &["window_tasks"],
    )?;
    with_config("not toml at all", &["coordinator"], &["velatura.toml"])?;
    refused(
        &["--config", "/nowhere/velatura.toml", "worker"],
        &["/nowhere/velatura.toml"],
    );
    Ok(())
}

#[test]
fn an_unreachable_broker_or_database_is_named_without_its_password() -> Result<()> {
    let port = free_port();
    let queue = format!("[queue]\nurls = [\"amqp://fleet:hunter2@127.0.0.1:{port}\"]\n");
    with_config(&queue, &["worker"], &[&format!("127.0.0.1:{port}")])?;
    with_config(&queue, &["coordinator"], &[&format!("127.0.0.1:{port}")])?;
    let folder = TempDir::new()?;
    let file = folder.path().join("velatura.toml");
    fs::write(&file, &queue)?;
    let ran = velatura(&["--config", &file.to_string_lossy(), "coordinator"]);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    Ok(())
}

#[test]
fn a_machine_without_ca_certificates_is_told_what_to_install() -> Result<()> {
    let nobody = TempDir::new()?;
    for arguments in [
        &["policies", "show", "--management-url", "http://127.0.0.1:1"][..],
        &["exporter", "--listen", "127.0.0.1:0"],
        &["packs", "pull", "https://127.0.0.1:1/pack.tar.gz"],
    ] {
        let mut command = velatura_command();
        command.args(arguments).env("SSL_CERT_DIR", nobody.path());
        let output = command.env("SSL_CERT_FILE", nobody.path().join("none.pem")).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("ca-certificates") && said.contains("SSL_CERT_FILE"),
            "{arguments:?}: {said}"
        );
    }
    Ok(())
}

#[test]
fn the_sample_configuration_is_accepted() -> Result<()> {
    let sample = velatura(&["config"]);
    assert_eq!(sample.code, 0);
    let folder = TempDir::new()?;
    let file = folder.path().join("velatura.toml");
    fs::write(&file, &sample.stdout)?;
    let ran = velatura(&["--config", &file.to_string_lossy(), "packs", "verify", "velatura-light"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("cpu"), "{}", ran.stdout);
    Ok(())
}

#[test]
fn a_taken_address_is_named() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let data = TempDir::new()?;
    let data = data.path().to_string_lossy().into_owned();
    // Its other address is any that is free, so that no other is taken.
    let up = format!("up --data {data} --worker-listen 127.0.0.1:0 --listen {address}");
    refused(&up.split(' ').collect::<Vec<_>>(), &[&address]);
    Ok(())
}

#[test]
fn a_client_without_a_coordinator_says_how_to_have_one() {
    let url = format!("http://127.0.0.1:{}", free_port());
    refused(&["jobs", "list", "--coordinator", &url], &[&url, "velatura up"]);
}
