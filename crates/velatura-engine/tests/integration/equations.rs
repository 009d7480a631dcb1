//! Eq. (4) and (6) of the graphs against NumPy, and bit for bit at both ends.

use crate::support::{Npy, difference, fixtures, npy_f32, npy_u8, picture, runtime};
use ort::session::Session;
use ort::value::Tensor;
use velatura_image::Rgb8;

fn session(path: &str) -> Session {
    let builder = Session::builder(runtime().environment()).expect("a builder");
    let mut builder = builder.with_intra_threads(1).expect("an option");
    builder
        .commit_from_file(fixtures().join(path))
        .expect("the graph loads")
}

fn floats(name: &str) -> Tensor<f32> {
    let Npy { shape, data } = npy_f32(name);
    Tensor::from_array((shape, data)).expect("a tensor")
}

/// The float graphs: the decoder of the tiny pack before clipping and rounding.
fn decoded(graph: &str, alpha: Option<&str>) -> Vec<f32> {
    let mut inputs = vec![
        ("features_0", floats("features_0")),
        ("features_1", floats("features_1")),
    ];
    if graph != "reconstruct" {
        inputs.extend([("content", floats("content")), ("code", floats("code"))]);
    }
    inputs.extend(alpha.map(|name| ("alpha", floats(name))));
    let mut session = session(&format!("graphs/{graph}.onnx"));
    let outputs = session.run(inputs).expect("it runs");
    outputs["painted_f32"]
        .try_extract_tensor::<f32>()
        .expect("floats")
        .1
        .to_vec()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn assert_near(found: &[f32], expected: &str) {
    let expected = npy_f32(expected).data;
    assert_eq!(found.len(), expected.len());
    let worst = found
        .iter()
        .zip(&expected)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(worst < 2e-5, "{worst}");
}

#[test]
fn at_alpha_one_the_blend_is_plain_adain_bit_for_bit() {
    assert_eq!(
        bits(&decoded("blend", Some("alpha_ones"))),
        bits(&decoded("plain", None))
    );
}

#[test]
fn at_alpha_zero_the_blend_is_the_reconstruction_bit_for_bit() {
    assert_eq!(
        bits(&decoded("blend", Some("alpha_zeros"))),
        bits(&decoded("reconstruct", None))
    );
}

#[test]
fn the_float_graphs_compute_what_numpy_computes() {
    assert_near(&decoded("plain", None), "painted_plain");
    assert_near(&decoded("reconstruct", None), "painted_reconstruct");
    for alpha in ["ones", "zeros", "gradient", "noise"] {
        assert_near(
            &decoded("blend", Some(&format!("alpha_{alpha}"))),
            &format!("painted_{alpha}"),
        );
    }
}

/// One rounding apart at most, and that only where the exact value lies at the edge between two bytes.
fn assert_same_picture(found: &[u8], expected: &Rgb8) {
    let found = Rgb8::new(expected.width(), expected.height(), found.to_vec()).expect("the same size");
    let differing = found.data().iter().zip(expected.data()).filter(|(a, b)| a != b).count();
    assert!(
        difference(&found, expected) <= 1 && differing <= 5,
        "{differing} bytes differ"
    );
}

#[test]
fn decode_and_paint_give_numpys_pictures() {
    let image = || {
        let Npy { shape, data } = npy_u8("content_image");
        Tensor::from_array((shape, data)).expect("a tensor")
    };
    let (mut decode, mut paint) = (session("tiny-pack/decode.onnx"), session("tiny-pack/paint.onnx"));
    for alpha in ["ones", "zeros", "gradient", "noise"] {
        let expected = picture(&format!("painted_{alpha}_u8"));
        let alpha = || ("alpha", floats(&format!("alpha_{alpha}")));
        let features = [
            ("features_0", floats("features_0")),
            ("features_1", floats("features_1")),
        ];
        let inputs = features
            .into_iter()
            .chain([("content", floats("content")), ("code", floats("code")), alpha()]);
        let decoded = decode.run(inputs.collect::<Vec<_>>()).expect("it runs");
        assert_same_picture(
            decoded["painted"].try_extract_tensor::<u8>().expect("bytes").1,
            &expected,
        );
        let inputs = ort::inputs!["image" => image(), "code" => floats("code"), "alpha" => alpha().1];
        let painted = paint.run(inputs).expect("it runs");
        assert_same_picture(
            painted["painted"].try_extract_tensor::<u8>().expect("bytes").1,
            &expected,
        );
    }
}
