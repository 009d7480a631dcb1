//! From flags and configuration to a running engine.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;
use velatura_engine::{Device, Engine, EngineConfig, Pack, Places, Runtime};
use velatura_worker::StyleLibrary;

/// What paints: section `[engine]` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EngineSettings {
    /// A pack's name or folder.
    pub(crate) pack: String,
    /// The pack whose depth network is used; none: the pack's own, or that of the shipped pack where it has none.
    pub(crate) depth_pack: Option<String>,
    /// `cpu`, `cuda`, `cuda:1`, `tensorrt`, `auto`.
    pub(crate) device: String,
    /// ONNX Runtime's library, where it is in none of the known places.
    pub(crate) onnxruntime: Option<PathBuf>,
    /// Threads for one graph on the CPU; 0 means one a core.
    pub(crate) threads: usize,
    /// Pixels above which a picture is painted by tiles; 0 means what suits the device.
    pub(crate) tile_pixels: u64,
    /// Pixels that go to the device together; 0 means what suits the device.
    pub(crate) batch_pixels: u64,
    /// The folder of the house styles, where it is not beside the packs.
    pub(crate) styles: Option<PathBuf>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            pack: "velatura-light".to_owned(),
            depth_pack: None,
            device: "cpu".to_owned(),
            onnxruntime: None,
            threads: 0,
            tile_pixels: 0,
            batch_pixels: 0,
            styles: None,
        }
    }
}

/// What paints, as flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "What paints")]
pub(crate) struct EngineFlags {
    /// A pack's name or folder [default: velatura-light]
    #[arg(long, value_name = "NAME|FOLDER")]
    pack: Option<String>,
    /// The pack whose depth network is used [default: the pack's own, or velatura-light's]
    #[arg(long, value_name = "NAME|FOLDER")]
    depth_pack: Option<String>,
    #[command(flatten)]
    device: DeviceFlags,
}

/// What the graphs run on, as flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "What paints")]
pub(crate) struct DeviceFlags {
    /// cpu, cuda, cuda:1, tensorrt or auto; the device asked for is the one used [default: cpu]
    #[arg(long)]
    device: Option<String>,
    /// Threads for one graph on the CPU [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// ONNX Runtime's library, where it is in none of the known places
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

impl EngineFlags {
    /// Flags go before the configuration.
    pub(crate) fn over(&self, settings: EngineSettings) -> EngineSettings {
        let settings = self.device.over(settings);
        EngineSettings {
            pack: self.pack.clone().unwrap_or(settings.pack),
            depth_pack: self.depth_pack.clone().or(settings.depth_pack),
            ..settings
        }
    }
}

impl DeviceFlags {
    /// Flags go before the configuration.
    pub(crate) fn over(&self, settings: EngineSettings) -> EngineSettings {
        EngineSettings {
            device: self.device.clone().unwrap_or(settings.device),
            threads: self.threads.unwrap_or(settings.threads),
            onnxruntime: self.onnxruntime.clone().or(settings.onnxruntime),
            ..settings
        }
    }
}

impl EngineSettings {
    /// Finds and checks the pack, with the depth network that goes with it.
    pub(crate) fn find_pack(&self) -> Result<Pack> {
        let dirs = Places::of_this_process().model_dirs();
        Ok(Pack::find_with_depth(&self.pack, self.depth_pack.as_deref(), &dirs)?)
    }

    /// Loads ONNX Runtime, opens the pack and starts the device.
    pub(crate) fn start(&self) -> Result<Engine> {
        self.start_with(self.find_pack()?)
    }

    /// [`start`](Self::start) with a pack that is open already.
    pub(crate) fn start_with(&self, pack: Pack) -> Result<Engine> {
        let places = Places::of_this_process();
        let device: Device = self.device.parse()?;
        let runtime = Runtime::locate(self.onnxruntime.as_deref(), &places)?;
        let config = EngineConfig {
            threads: NonZeroUsize::new(self.threads),
            tile_pixels: (self.tile_pixels > 0).then_some(self.tile_pixels),
            batch_pixels: (self.batch_pixels > 0).then_some(self.batch_pixels),
            ..EngineConfig::on(device)
        };
        Ok(Engine::start(&runtime, pack, &config)?)
    }

    /// The house styles; none where they are not installed.
    pub(crate) fn library(&self) -> Result<StyleLibrary> {
        let installed = || {
            let beside = Places::of_this_process()
                .model_dirs()
                .into_iter()
                .map(|models| models.join("styles"));
            beside.into_iter().find(|folder| folder.join("styles.toml").is_file())
        };
        match self.styles.clone().or_else(installed) {
            Some(folder) => StyleLibrary::open(&folder).context("the house styles"),
            None => Ok(StyleLibrary::default()),
        }
    }
}
