//! What the tests share: the fixtures, a reader of NumPy's files, the runtime, seeded pictures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use velatura_engine::{Engine, EngineConfig, Pack, Painting, Places, Runtime, StyleCode};
use velatura_image::{GrayF32, Rgb8};
use velatura_recipe::{Depth, DepthMode, Recipe};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The runtime in its known place: `cargo xtask setup` puts it there.
pub(crate) fn runtime() -> Runtime {
    Runtime::locate(None, &Places::of_this_process()).expect("run `cargo xtask setup` first")
}

pub(crate) fn tiny_pack() -> Pack {
    Pack::open(&fixtures().join("tiny-pack")).expect("the tiny pack is whole")
}

pub(crate) fn config() -> EngineConfig {
    EngineConfig::on(velatura_engine::Device::Cpu)
}

pub(crate) fn tiny_engine(config: &EngineConfig) -> Engine {
    Engine::start(&runtime(), tiny_pack(), config).expect("the tiny pack works")
}

/// An array of a `.npy` file: little-endian f32 or u8, in C order.
pub(crate) struct Npy<T> {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<T>,
}

pub(crate) fn npy_f32(name: &str) -> Npy<f32> {
    let (shape, bytes) = npy(name, "<f4");
    Npy {
        shape,
        data: bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&b| f32::from_le_bytes(b))
            .collect(),
    }
}

pub(crate) fn npy_u8(name: &str) -> Npy<u8> {
    let (shape, data) = npy(name, "|u1");
    Npy { shape, data }
}

fn npy(name: &str, kind: &str) -> (Vec<usize>, Vec<u8>) {
    let path = fixtures().join("tensors").join(format!("{name}.npy"));
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(bytes.starts_with(b"\x93NUMPY\x01"), "{name}: version 1 of the format");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..start]).expect("a header is text");
    assert!(
        header.contains(&format!("'{kind}'")) && header.contains("'fortran_order': False"),
        "{name}: {header}"
    );
    let (_, rest) = header.split_once("'shape': (").expect("a header has a shape");
    let (shape, _) = rest.split_once(')').expect("a shape is closed");
    let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
    (
        lengths.map(|length| length.parse().expect("a length")).collect(),
        bytes[start..].to_vec(),
    )
}

/// A picture fixture [1, H, W, 3].
pub(crate) fn picture(name: &str) -> Rgb8 {
    let Npy { shape, data } = npy_u8(name);
    Rgb8::new(shape[2] as u32, shape[1] as u32, data).expect("three numbers a pixel")
}

/// A map fixture [.., H, W].
pub(crate) fn map(name: &str) -> GrayF32 {
    let Npy { shape, data } = npy_f32(name);
    let [.., height, width] = shape[..] else {
        panic!("{name}: a map has two dimensions")
    };
    GrayF32::new(width as u32, height as u32, data).expect("a number a cell")
}

/// Soft colours with an edge and some noise, different for each seed.
pub(crate) fn scene(width: u32, height: u32, seed: u64) -> Arc<Rgb8> {
    let mut random = Seeded(seed);
    let waves: Vec<[f64; 3]> = (0..3)
        .map(|_| [random.unit(), random.unit(), random.unit() * 6.0])
        .collect();
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let edge = if x * 3 > y * 2 + width { 50.0 } else { 0.0 };
            for [a, b, c] in &waves {
                let wave = (f64::from(x) * a / 6.0 + f64::from(y) * b / 6.0 + c).sin();
                data.push((110.0 + 70.0 * wave + edge + 12.0 * (random.unit() - 0.5)).clamp(0.0, 255.0) as u8);
            }
        }
    }
    Arc::new(Rgb8::new(width, height, data).expect("made to measure"))
}

/// splitmix64
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

pub(crate) fn depth(mode: DepthMode) -> Depth {
    let map = (mode == DepthMode::Map).then(|| "{stem}.png".to_owned());
    Depth {
        mode,
        map,
        ..Depth::default()
    }
}

/// A recipe whose α is 1 everywhere: plain AdaIN.
pub(crate) fn plain() -> Recipe {
    Recipe {
        depth: depth(DepthMode::Off),
        ..Recipe::with_style("test")
    }
}

pub(crate) fn painting(recipe: Recipe, code: &Arc<StyleCode>) -> Painting {
    recipe.validate().expect("the recipe is possible");
    Painting {
        recipe: Arc::new(recipe),
        code: Arc::clone(code),
        depth_map: None,
        region: None,
    }
}

/// The greatest difference of two pictures of one size.
pub(crate) fn difference(a: &Rgb8, b: &Rgb8) -> u8 {
    assert_eq!(a.size(), b.size());
    a.data()
        .iter()
        .zip(b.data())
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap_or(0)
}
