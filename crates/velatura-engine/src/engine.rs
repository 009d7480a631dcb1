use std::sync::Arc;

use velatura_image::{GrayF32, Rgb8};

use crate::device::{DeviceHandle, Sessions, trial};
use crate::painting::{self, Request, Response};
use crate::{Device, EngineConfig, EngineError, Pack, Provider, Runtime, StyleCode};

/// A pack on a device. A handle: cheap to clone, to be used from any thread; with the last one the device thread ends.
///
/// Resizing and composing happen on the caller's thread, so that the device only waits when nobody asks; keep two or
/// more requests under way to keep it busy.
#[derive(Debug, Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    device: DeviceHandle,
    pack: Pack,
    asked: Device,
    provider: Provider,
    tile_pixels: u64,
}

impl Engine {
    /// Opens every graph of the pack on the device asked for, and runs each once: what can't paint says so here.
    pub fn start(runtime: &Runtime, pack: Pack, config: &EngineConfig) -> Result<Self, EngineError> {
        let open = {
            let (runtime, pack, config) = (runtime.clone(), pack.clone(), config.clone());
            move || {
                let mut sessions = Sessions::open(&runtime, &pack, config.device, config.thread_count())?;
                trial(&mut sessions, &pack).map_err(|error| at_start(error, config.device))?;
                let provider = sessions.provider();
                Ok((sessions, config.batch_pixels_on(provider), provider))
            }
        };
        let (device, provider) = DeviceHandle::start(config.queue_depth, open)?;
        tracing::info!(pack = pack.name(), version = pack.version(), %provider, "engine ready");
        let tile_pixels = config.tile_pixels_on(provider);
        Ok(Self {
            shared: Arc::new(Shared {
                device,
                pack,
                asked: config.device,
                provider,
                tile_pixels,
            }),
        })
    }

    /// The pack it paints with.
    pub fn pack(&self) -> &Pack {
        &self.shared.pack
    }

    /// The device asked for; [`provider`](Self::provider) says what it came to.
    pub fn device(&self) -> Device {
        self.shared.asked
    }

    /// What really runs the graphs, as ONNX Runtime says.
    pub fn provider(&self) -> Provider {
        self.shared.provider
    }

    /// Reads a style picture, resized to a long side of `stroke_scale` pixels: larger gives larger strokes.
    ///
    /// # Panics
    /// Outside a Tokio runtime; see [`style_blocking`](Self::style_blocking).
    pub async fn style(&self, picture: Arc<Rgb8>, stroke_scale: u32) -> Result<StyleCode, EngineError> {
        let engine = self.clone();
        blocking(move || engine.style_blocking(&picture, stroke_scale)).await
    }

    /// [`style`](Self::style) for callers that may block.
    pub fn style_blocking(&self, picture: &Rgb8, stroke_scale: u32) -> Result<StyleCode, EngineError> {
        let Shared {
            device,
            pack,
            tile_pixels,
            ..
        } = &*self.shared;
        painting::style(device, pack, *tile_pixels, picture, stroke_scale)
    }

    /// Paints one photo in several recipes, on a thread of Tokio's blocking pool. What goes wrong with one painting is
    /// its own error in the response; an `Err` is the end of the engine.
    ///
    /// # Panics
    /// Outside a Tokio runtime; see [`paint_blocking`](Self::paint_blocking).
    pub async fn paint(&self, request: Request) -> Result<Response, EngineError> {
        let engine = self.clone();
        blocking(move || engine.paint_blocking(&request)).await
    }

    /// [`paint`](Self::paint) for callers that may block.
    pub fn paint_blocking(&self, request: &Request) -> Result<Response, EngineError> {
        let Shared {
            device,
            pack,
            tile_pixels,
            ..
        } = &*self.shared;
        painting::paint(device, pack, *tile_pixels, request)
    }

    /// A photo's depth as recipes see it by default: 0 (nearest) to 1 (farthest), as small as the network gives it. For
    /// callers that may block.
    pub fn depth_blocking(&self, photo: &Rgb8) -> Result<GrayF32, EngineError> {
        let Shared { device, pack, .. } = &*self.shared;
        painting::depth(device, pack, photo)
    }

    /// Takes no more requests on any handle, finishes the calls that wait, and ends the device thread.
    pub fn close(&self) {
        self.shared.device.close();
    }
}

/// A device that fails before it has done anything is not lost: it was never there.
fn at_start(error: EngineError, device: Device) -> EngineError {
    match error {
        EngineError::DeviceLost { reason } => EngineError::DeviceUnavailable { device, reason },
        other => other,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down and took the task before it began.
            Err(_) => Err(EngineError::Closed),
        },
    }
}
