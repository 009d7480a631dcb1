//! Where a test paints: a folder of its own, small photos, and the one engine of this process.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use image::{ImageFormat, RgbImage};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use velatura_engine::{Device, Engine, EngineConfig, Pack, Places, Runtime};
use velatura_objects::{Location, ObjectsConfig, PutOptions, S3Config, Stores};
use velatura_recipe::{Format, Output, Recipe};
use velatura_telemetry::Registry;
use velatura_worker::{
    Assignment, FINGERPRINT_KEY, Finished, Painting, Pipeline, PipelineConfig, StyleLibrary, WorkerMetrics,
};

pub(crate) const WIDTH: u32 = 64;
pub(crate) const HEIGHT: u32 = 48;

pub(crate) struct Studio {
    folder: TempDir,
    stores: Arc<Stores>,
    pub(crate) registry: Registry,
    pub(crate) metrics: WorkerMetrics,
    pub(crate) pipeline: Arc<Pipeline>,
}

impl Studio {
    /// With the defaults, but that a style picture is never trusted to be what it was.
    pub(crate) fn new() -> Self {
        Self::with(&PipelineConfig {
            style_cache_seconds: 0,
            ..PipelineConfig::default()
        })
    }

    pub(crate) fn with(config: &PipelineConfig) -> Self {
        Self::around(engine(), config)
    }

    pub(crate) fn around(engine: Engine, config: &PipelineConfig) -> Self {
        Self::beside(engine, config, S3Config::default())
    }

    /// With buckets beside its folder.
    pub(crate) fn with_buckets(s3: S3Config) -> Self {
        Self::beside(engine(), &PipelineConfig::default(), s3)
    }

    fn beside(engine: Engine, config: &PipelineConfig, s3: S3Config) -> Self {
        let folder = TempDir::new().unwrap();
        let stores = Arc::new(Stores::new(ObjectsConfig {
            local_roots: vec![folder.path().to_owned()],
            s3,
        }));
        let registry = Registry::new();
        let metrics = WorkerMetrics::register(&registry);
        let pipeline = Pipeline::new(config, engine, stores.clone(), house_styles(), metrics.clone());
        Self {
            folder,
            stores,
            registry,
            metrics,
            pipeline: Arc::new(pipeline),
        }
    }

    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(key)
    }

    /// How a recipe or a task names a key, or a template of keys.
    pub(crate) fn place(&self, key: &str) -> String {
        format!("file://{}", self.path(key).display())
    }

    pub(crate) fn write(&self, key: &str, bytes: &[u8]) {
        let path = self.path(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, key: &str) -> Vec<u8> {
        std::fs::read(self.path(key)).unwrap()
    }

    /// The pixels of a picture.
    pub(crate) fn pixels(&self, key: &str) -> RgbImage {
        image::load_from_memory(&self.read(key)).unwrap().into_rgb8()
    }

    /// The photo under its key, to be painted in recipes that go to [`output_key`].
    pub(crate) fn assignment(&self, key: &str, recipes: &[Recipe]) -> Assignment {
        let painting = |recipe: &Recipe| Painting {
            recipe: Arc::new(recipe.clone()),
            output: self.place(&output_key(key, recipe)).parse().unwrap(),
        };
        Assignment {
            version_id: None,
            source: self.place(key).parse().unwrap(),
            key: key.to_owned(),
            paintings: recipes.iter().map(painting).collect(),
        }
    }

    pub(crate) async fn run(&self, assignment: &Assignment) -> Finished {
        self.pipeline.run(assignment, &CancellationToken::new()).await
    }

    /// What the picture at a place says it was made from.
    pub(crate) async fn stored_fingerprint(&self, output: &Location) -> Option<String> {
        let (store, key) = self.stores.open(output).unwrap();
        store.head(&key).await.unwrap().metadata.remove(FINGERPRINT_KEY)
    }

    /// Puts an object wherever it is said to belong.
    pub(crate) async fn put(&self, place: &Location, bytes: Vec<u8>) {
        let (store, key) = self.stores.open(place).unwrap();
        store.put(&key, bytes.into(), PutOptions::default()).await.unwrap();
    }

    /// Whether anything was stored.
    pub(crate) fn has_results(&self) -> bool {
        self.path("results").exists()
    }
}

fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(start_engine).clone()
}

pub(crate) fn start_engine() -> Engine {
    let places = Places::of_this_process();
    let runtime = Runtime::locate(None, &places).expect("run `cargo xtask setup` first");
    let pack = Pack::find("velatura-light", &places.model_dirs()).expect("the pack is shipped");
    Engine::start(&runtime, pack, &EngineConfig::on(Device::Cpu)).expect("the shipped pack works on every CPU")
}

pub(crate) fn house_styles() -> StyleLibrary {
    let styles = Places::of_this_process()
        .model_dirs()
        .into_iter()
        .map(|models| models.join("styles"));
    let installed = styles.into_iter().find(|folder| folder.join("styles.toml").is_file());
    StyleLibrary::open(&installed.expect("the house styles are shipped")).unwrap()
}

/// A recipe whose picture loses nothing when it is stored.
pub(crate) fn recipe(style: &str) -> Recipe {
    Recipe {
        stroke_scale: 64,
        output: Output {
            format: Format::Png,
            ..Output::default()
        },
        ..Recipe::with_style(style)
    }
}

/// Where the picture of a photo in a recipe goes.
pub(crate) fn output_key(key: &str, recipe: &Recipe) -> String {
    format!("results/{key}.{}.{}", recipe.label(), recipe.output.format.extension())
}

/// A photo as a PNG file: smooth colours, different ones for each seed.
pub(crate) fn photo(seed: u8) -> Vec<u8> {
    let at = |x: u32, y: u32| {
        let (x, y) = ((x * 255 / WIDTH) as u8, (y * 255 / HEIGHT) as u8);
        image::Rgb([x, y.wrapping_add(seed), (x / 2 + y / 2) ^ seed])
    };
    png(&RgbImage::from_fn(WIDTH, HEIGHT, at))
}

/// A mask or a depth map: black on the left of a column, white from there on.
pub(crate) fn white_from(column: u32) -> Vec<u8> {
    let at = |x, _| image::Rgb(if x < column { [0; 3] } else { [255; 3] });
    png(&RgbImage::from_fn(WIDTH, HEIGHT, at))
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}
