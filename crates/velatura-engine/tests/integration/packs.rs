//! Packs that are missing, damaged, contradictory, or not what they say: each a code and a sentence.

use std::fs;
use std::path::Path;

use crate::support::{config, fixtures, runtime};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use velatura_engine::{Engine, EngineError, Graph, Pack, PackError, PackFolder, Places, Precision};

const GRAPHS: [&str; 5] = ["style", "depth", "encode", "decode", "paint"];

fn copy() -> TempDir {
    copy_of("tiny-pack")
}

fn copy_of(name: &str) -> TempDir {
    let dir = TempDir::new().expect("a folder");
    for entry in fs::read_dir(fixtures().join(name)).expect("the fixture is there") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, dir.path().join(path.file_name().expect("a name"))).expect("copied");
    }
    dir
}

fn edit(dir: &TempDir, from: &str, to: &str) {
    let path = dir.path().join("pack.toml");
    let text = fs::read_to_string(&path).expect("a manifest");
    assert!(text.contains(from), "the manifest has no {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).expect("written");
}

fn refusal(dir: &TempDir) -> PackError {
    Pack::open(dir.path()).expect_err("it is damaged")
}

/// Writes the manifest's files anew, with the sizes and checksums of what lies there.
fn sign(dir: &TempDir) {
    let path = dir.path().join("pack.toml");
    let text = fs::read_to_string(&path).expect("a manifest");
    let mut signed = text.split_once("[files]").expect("a table of files").0.to_owned() + "[files]\n";
    for graph in GRAPHS {
        let bytes = fs::read(dir.path().join(format!("{graph}.onnx"))).expect("a graph");
        let digest = hex::encode(Sha256::digest(&bytes));
        signed += &format!(
            "{graph} = {{ path = \"{graph}.onnx\", sha256 = \"{digest}\", bytes = {} }}\n",
            bytes.len()
        );
    }
    fs::write(path, signed).expect("written");
}

fn start(dir: &Path) -> EngineError {
    let pack = Pack::open(dir).expect("its files are as it says");
    Engine::start(&runtime(), pack, &config()).expect_err("it can't paint")
}

#[test]
fn a_whole_pack_says_what_it_is() {
    let pack = Pack::open(copy().path()).expect("whole");
    assert_eq!(
        (pack.name(), pack.version(), pack.licence()),
        ("tiny", "1.0.0", "Apache-2.0")
    );
    assert_eq!((pack.precision(), pack.paint().code_length()), (Precision::Fp32, 24));
    assert_eq!(
        pack.graph(Graph::Paint)
            .as_deref()
            .and_then(Path::file_name)
            .and_then(|n| n.to_str()),
        Some("paint.onnx")
    );
}

#[test]
fn packs_are_found_by_name_and_by_path() {
    let models = TempDir::new().expect("a folder");
    let dir = copy();
    fs::rename(dir.path(), models.path().join("mine")).expect("moved");
    let search = [models.path().join("nowhere"), models.path().to_owned()];
    let by_name = Pack::find("mine", &search).expect("found");
    let by_path = Pack::find(&models.path().join("mine").to_string_lossy(), &[]).expect("found");
    assert_eq!(by_name, by_path);
    let error = Pack::find("yours", &search).expect_err("there is none");
    assert_eq!(error.code(), "pack-not-found");
    assert!(
        error.to_string().contains("yours") && error.to_string().contains("nowhere"),
        "{error}"
    );
}

#[test]
fn the_shipped_pack_is_found_from_inside_the_source() {
    assert!(Pack::find("velatura-light", &Places::of_this_process().model_dirs()).is_ok());
}

#[test]
fn a_folder_without_manifest_is_no_pack() {
    let dir = copy();
    fs::remove_file(dir.path().join("pack.toml")).expect("removed");
    assert_eq!(refusal(&dir).code(), "pack-without-manifest");
}

#[test]
fn manifests_with_errors_are_refused_with_the_place() {
    for (from, to, code, part) in [
        ("schema = 1", "schema = 2", "pack-schema", "schema 2"),
        ("schema = 1", "schema = ", "pack-manifest", "line 1"),
        ("halo =", "hallo =", "pack-manifest", "hallo"),
        (
            "name = \"tiny\"",
            "name = \"tiny\"\ncolour = 3",
            "pack-manifest",
            "colour",
        ),
        (
            "nearer-is-larger",
            "nearer-is-bluer",
            "pack-manifest",
            "nearer-is-bluer",
        ),
        ("fp32", "fp8", "pack-manifest", "fp8"),
        ("multiple = 8", "multiple = 0", "pack-impossible", "0"),
        ("minimum = 16", "minimum = 12", "pack-impossible", "12"),
        ("stride = 4", "stride = 3", "pack-impossible", "3"),
        (
            "stride = 4",
            "stride = 8 }, { channels = 4, stride = 4",
            "pack-impossible",
            "ordered",
        ),
        ("channels = 4", "channels = 0", "pack-impossible", "channels"),
        ("\"depth.onnx\"", "\"../depth.onnx\"", "pack-impossible", "outside"),
        ("levels = [", "layers = [", "pack-manifest", "layers"),
        (
            "halo = 24",
            "measured = { code = 0, statistics = 8, alpha_stride = 4 }\nhalo = 24",
            "pack-manifest",
            "either `levels` or `measured`",
        ),
        ("decode  = {", "tile = {", "pack-impossible", "no decode graph"),
        (
            "decode  = {",
            "tile = { path = \"decode.onnx\", sha256 = \"\", bytes = 0 }\ndecode  = {",
            "pack-impossible",
            "a tile graph",
        ),
        ("decode  = {", "decoder = {", "pack-manifest", "decoder"),
    ] {
        let dir = copy();
        edit(&dir, from, to);
        let error = refusal(&dir);
        assert_eq!(error.code(), code, "{to}: {error}");
        assert!(error.to_string().contains(part), "{part} is not in {error}");
        assert!(!error.to_string().contains('\n'), "one sentence: {error}");
    }
}

#[test]
fn a_manifest_of_a_measured_network_that_contradicts_itself_is_refused() {
    for (from, to, part) in [
        ("statistics = 8", "statistics = 0", "no number"),
        ("alpha_stride = 1", "alpha_stride = 3", "3"),
        ("code = 4", "code = 0", "a style graph"),
    ] {
        let dir = copy_of("tiny-measured");
        edit(&dir, from, to);
        let error = refusal(&dir);
        assert_eq!(error.code(), "pack-impossible", "{to}: {error}");
        assert!(error.to_string().contains(part), "{part} is not in {error}");
    }
}

#[test]
fn a_pack_without_depth_network_takes_another_packs() {
    let dirs = [fixtures()];
    let named = Pack::find_with_depth("tiny-single", Some("tiny-depth"), &dirs).expect("both are there");
    assert_eq!(named.depth_folder().map(PackFolder::name), Some("tiny-depth"));
    assert_eq!(
        named.graph(Graph::Depth),
        Some(fixtures().join("tiny-depth/depth.onnx"))
    );
    assert_eq!(named.graph(Graph::Style), None);
    let other = Pack::find_with_depth("tiny-single", Some("tiny-pack"), &dirs).expect("both are there");
    assert_ne!(
        named.hash(),
        other.hash(),
        "another depth network paints other pictures"
    );
    let own = Pack::find("tiny-pack", &dirs).expect("it is whole");
    assert_eq!(own, Pack::open(&fixtures().join("tiny-pack")).expect("it is whole"));

    let dirs = [fixtures(), fixtures().join("../../../../models")];
    let default = Pack::find("tiny-single", &dirs).expect("the shipped pack has a depth network");
    assert_eq!(default.depth_folder().map(PackFolder::name), Some("velatura-light"));
}

#[test]
fn parts_that_make_no_whole_are_refused_with_what_to_do() {
    let dirs = [fixtures()];
    let refused = |pack, depth| Pack::find_with_depth(pack, depth, &dirs).expect_err("a part is missing");
    for (error, code, part) in [
        (refused("tiny-depth", None), "pack-only-depth", "--depth-pack"),
        (
            refused("tiny-pack", Some("tiny-single")),
            "pack-without-depth",
            "tiny-single",
        ),
        (refused("tiny-single", None), "pack-not-found", "velatura-light"),
    ] {
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let alone = Pack::open(&fixtures().join("tiny-single")).expect_err("it has no depth");
    assert_eq!(alone.code(), "pack-without-depth");
}

#[test]
fn graphs_that_are_missing_cut_or_changed_are_refused() {
    let dir = copy();
    fs::remove_file(dir.path().join("depth.onnx")).expect("removed");
    assert_eq!(refusal(&dir).code(), "pack-graph-missing");

    let dir = copy();
    let path = dir.path().join("decode.onnx");
    let mut bytes = fs::read(&path).expect("a graph");
    fs::write(&path, &bytes[..bytes.len() - 1]).expect("written");
    assert_eq!(refusal(&dir).code(), "pack-graph-size");

    bytes[100] ^= 1;
    fs::write(&path, &bytes).expect("written");
    assert_eq!(refusal(&dir).code(), "pack-graph-checksum");
}

#[test]
fn a_graph_that_is_no_graph_is_refused_at_the_start() {
    let dir = copy();
    fs::write(dir.path().join("encode.onnx"), "this was never a graph").expect("written");
    sign(&dir);
    assert_eq!(start(dir.path()).code(), "pack-graph-broken");
}

#[test]
fn a_graph_with_other_inputs_or_outputs_is_refused_at_the_start() {
    let dir = copy();
    fs::copy(dir.path().join("style.onnx"), dir.path().join("depth.onnx")).expect("copied");
    sign(&dir);
    let error = start(dir.path());
    assert_eq!(error.code(), "pack-graph-signature");
    let sentence = error.to_string();
    assert!(
        sentence.contains("depth (f32 of 3 dimensions)") && sentence.contains("code"),
        "{sentence}"
    );
}

#[test]
fn a_pack_whose_graphs_answer_in_other_shapes_than_it_says_fails_its_trial() {
    let dir = copy();
    edit(&dir, "channels = 4", "channels = 5");
    assert_eq!(start(dir.path()).code(), "pack-graph-trial");
}
