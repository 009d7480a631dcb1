use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// How much a pipeline does at once, and what it refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineConfig {
    /// Photos fetched at once.
    pub fetches: usize,
    /// Photos decoded, shrunk, composed or encoded at once; 0 means one per core.
    pub cpu_threads: usize,
    /// Pictures stored at once.
    pub stores: usize,
    /// Decoded pixels in memory at once, photo and pictures counted. One photo may exceed it, alone.
    pub budget_pixels: u64,
    /// The largest photo, width × height.
    pub max_photo_pixels: u64,
    /// The largest file of a photo, a mask, a depth map or a style.
    pub max_photo_bytes: u64,
    /// How long a style picture is trusted before its source is asked again.
    pub style_cache_seconds: u64,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            fetches: 8,
            cpu_threads: 0,
            stores: 8,
            budget_pixels: 48_000_000,
            max_photo_pixels: 100_000_000,
            max_photo_bytes: 256 << 20,
            style_cache_seconds: 300,
        }
    }
}

impl PipelineConfig {
    pub(crate) fn limits(&self) -> velatura_image::Limits {
        velatura_image::Limits {
            max_pixels: self.max_photo_pixels,
            max_bytes: self.max_photo_bytes,
            ..velatura_image::Limits::default()
        }
    }

    pub(crate) fn cpu_width(&self) -> usize {
        match self.cpu_threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

/// How a worker takes part in the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkerConfig {
    /// Where `/healthz`, `/readyz` and `/metrics` are served.
    pub listen: SocketAddr,
    /// The pool whose queues it takes from.
    pub pool: String,
    /// Attempts under way at once, half as many again for what somebody waits for; also the prefetch of each lane.
    pub in_flight: u16,
    /// The longest an attempt may take before it is given up and retried.
    pub attempt_timeout_seconds: u64,
    /// How long what has begun may take to finish after SIGTERM.
    pub drain_seconds: u64,
    /// Without any attempt ending for so long while some are under way, the worker calls itself dead.
    pub stuck_seconds: u64,
    /// What it paints with, and how much at once.
    pub pipeline: PipelineConfig,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8082).into(),
            pool: "default".to_owned(),
            in_flight: 6,
            attempt_timeout_seconds: 600,
            drain_seconds: 60,
            stuck_seconds: 900,
            pipeline: PipelineConfig::default(),
        }
    }
}
