use std::num::NonZeroUsize;

use crate::{Device, Provider};

/// How the engine works. None of it changes a picture by more than 1/255, with one exception: a style read at more than
/// `tile_pixels` is read in pieces, whose borders have a small part in its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// The device asked for, which is the one used.
    pub device: Device,
    /// Threads for one graph on the CPU; `None`: one a core.
    pub threads: Option<NonZeroUsize>,
    /// Pixels of all pictures that go to the device together; `None`: one picture at a time on a CPU, where a batch
    /// gains nothing, and [`GPU_BATCH_PIXELS`] on a GPU.
    pub batch_pixels: Option<u64>,
    /// Pixels above which a picture is painted by tiles of at most so many pixels; `None`: [`CPU_TILE_PIXELS`] or
    /// [`GPU_TILE_PIXELS`].
    pub tile_pixels: Option<u64>,
    /// Calls that may wait for the device; who sends more waits.
    pub queue_depth: usize,
}

/// Four pictures of 512 by 512: few enough that the sessions for many shapes fit into a GPU's memory beside each other.
/// By reckoning that keeps a GPU busy; it has not been measured.
pub const GPU_BATCH_PIXELS: u64 = 4 * 512 * 512;
/// A core of 672 by 672 with a halo of 48.
pub const CPU_TILE_PIXELS: u64 = 768 * 768;
/// 4096 by 4096.
pub const GPU_TILE_PIXELS: u64 = 4096 * 4096;

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            device: Device::default(),
            threads: None,
            batch_pixels: None,
            tile_pixels: None,
            queue_depth: 64,
        }
    }
}

impl EngineConfig {
    /// The defaults on one device.
    pub fn on(device: Device) -> Self {
        Self {
            device,
            ..Self::default()
        }
    }

    pub(crate) fn thread_count(&self) -> usize {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }

    pub(crate) fn batch_pixels_on(&self, provider: Provider) -> u64 {
        self.batch_pixels.unwrap_or(match provider {
            Provider::Cpu => 0,
            Provider::Cuda | Provider::TensorRt => GPU_BATCH_PIXELS,
        })
    }

    pub(crate) fn tile_pixels_on(&self, provider: Provider) -> u64 {
        self.tile_pixels.unwrap_or(match provider {
            Provider::Cpu => CPU_TILE_PIXELS,
            Provider::Cuda | Provider::TensorRt => GPU_TILE_PIXELS,
        })
    }
}
