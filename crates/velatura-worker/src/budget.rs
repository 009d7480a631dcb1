use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use velatura_telemetry::IntGauge;

/// Pixels are counted in blocks, so that a budget of any size fits a semaphore.
const BLOCK_PIXELS: u64 = 1024;

/// How many decoded pixels may be in memory at once.
#[derive(Debug)]
pub(crate) struct PixelBudget {
    blocks: Arc<Semaphore>,
    total_blocks: u32,
    in_use: IntGauge,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    _blocks: OwnedSemaphorePermit,
    pixels: i64,
    in_use: IntGauge,
}

impl PixelBudget {
    pub(crate) fn new(pixels: u64, in_use: IntGauge) -> Self {
        let total_blocks = u32::try_from(pixels.div_ceil(BLOCK_PIXELS)).unwrap_or(u32::MAX).max(1);
        Self {
            blocks: Arc::new(Semaphore::new(total_blocks as usize)),
            total_blocks,
            in_use,
        }
    }

    /// How many pictures of so many pixels fit beside the photo that they are made of; one in any case.
    pub(crate) fn pictures_beside(&self, pixels: u64) -> usize {
        let fit = u64::from(self.total_blocks) * BLOCK_PIXELS / pixels.max(1);
        usize::try_from(fit.saturating_sub(1)).unwrap_or(usize::MAX).max(1)
    }

    /// Waits until so many pixels are free. A picture larger than the whole budget gets all of it, and is alone.
    pub(crate) async fn take(&self, pixels: u64) -> Share {
        let blocks = u32::try_from(pixels.div_ceil(BLOCK_PIXELS))
            .unwrap_or(u32::MAX)
            .min(self.total_blocks);
        let permit = self
            .blocks
            .clone()
            .acquire_many_owned(blocks)
            .await
            .expect("the budget is never closed");
        let pixels = i64::from(blocks) * BLOCK_PIXELS as i64;
        self.in_use.add(pixels);
        Share {
            _blocks: permit,
            pixels,
            in_use: self.in_use.clone(),
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.in_use.sub(self.pixels);
    }
}
