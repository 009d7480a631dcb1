//! Libraries that are missing, broken or too old. A process loads one library at most, and these tests none.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use velatura_engine::{Places, Runtime, RuntimeError};

fn refusal(path: &Path) -> RuntimeError {
    Runtime::locate(Some(path), &Places::default()).expect_err("it can't be used")
}

/// A shared library made of a few lines of C, by the linker's driver that building Rust needs anyway.
fn library(dir: &TempDir, source: &str) -> PathBuf {
    let (code, path) = (dir.path().join("library.c"), dir.path().join("libonnxruntime.so"));
    std::fs::write(&code, source).expect("written");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&path)
        .arg(&code)
        .status()
        .expect("cc runs");
    assert!(built.success());
    path
}

fn of_version(dir: &TempDir, version: &str) -> PathBuf {
    let source = format!(
        "static const char *version(void) {{ return \"{version}\"; }}\n\
         static const void *api(unsigned v) {{ (void)v; return 0; }}\n\
         static struct {{ const void *(*api)(unsigned); const char *(*version)(void); }} base = {{ api, version }};\n\
         const void *OrtGetApiBase(void) {{ return &base; }}\n"
    );
    library(dir, &source)
}

#[test]
fn a_missing_library_is_one_sentence_with_every_place_and_the_remedy() {
    let dir = TempDir::new().expect("a folder");
    let places = Places {
        executable_dir: Some(dir.path().join("bin")),
        current_dir: None,
        data_dir: Some(dir.path().join("data")),
    };
    let error = Runtime::locate(None, &places).expect_err("nothing is there");
    assert_eq!(error.code(), "onnxruntime-missing");
    let sentence = error.to_string();
    for part in [
        "bin/lib",
        "lib/velatura",
        "data/velatura/onnxruntime",
        "cargo xtask setup",
        "--onnxruntime",
    ] {
        assert!(sentence.contains(part), "{part} is not in {sentence}");
    }
    assert_eq!(refusal(&dir.path().join("nowhere.so")).code(), "onnxruntime-missing");
}

#[test]
fn a_file_that_is_no_library_is_refused_without_loading_it() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("libonnxruntime.so");
    let half_a_header = b"\x7fELF\x02\x01\x01";
    let other_machine: Vec<u8> = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[3, 0, 8, 0], &[0; 44]].concat();
    for content in [
        b"not found, said the proxy, at length".as_slice(),
        b"",
        half_a_header,
        &other_machine,
    ] {
        std::fs::write(&path, content).expect("written");
        assert_eq!(refusal(&path).code(), "onnxruntime-broken");
        assert_eq!(refusal(dir.path()).code(), "onnxruntime-broken", "by its folder too");
    }
}

#[test]
fn half_a_download_is_refused() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("libonnxruntime.so");
    let whole = std::fs::read(Runtime::find(None, &Places::of_this_process()).expect("run `cargo xtask setup` first"));
    let whole = whole.expect("the library is there");
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    assert_eq!(refusal(&path).code(), "onnxruntime-broken");
}

#[test]
fn a_library_of_another_kind_is_refused() {
    let dir = TempDir::new().expect("a folder");
    let error = refusal(&library(&dir, "int something_else(void) { return 1; }\n"));
    assert_eq!(error.code(), "onnxruntime-broken");
    assert!(error.to_string().contains("OrtGetApiBase"), "{error}");
}

#[test]
fn a_library_that_needs_a_missing_one_is_refused_with_its_name() {
    let dir = TempDir::new().expect("a folder");
    let error = refusal(&library(
        &dir,
        "int nowhere_to_be_found(void); int f(void) { return nowhere_to_be_found(); }\n",
    ));
    assert_eq!(error.code(), "onnxruntime-broken");
    assert!(error.to_string().contains("nowhere_to_be_found"), "{error}");
}

#[test]
fn a_library_too_old_is_refused_with_both_versions() {
    let (dir, other) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let error = refusal(&of_version(&dir, "1.20.1"));
    assert_eq!(error.code(), "onnxruntime-too-old");
    assert!(
        error.to_string().contains("1.20.1") && error.to_string().contains("1.24"),
        "{error}"
    );
    assert_eq!(refusal(&of_version(&other, "3.0")).code(), "onnxruntime-broken");
}
