//! How much memory the way in and out holds at its peak, counted by the allocator.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "pictures/support.rs"]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use support::{fixture, scene};
use velatura_image::{
    Chroma, EncodeOptions, Limits, Metadata, Orientation, OutputFormat, Rgb8, decode, encode, keep_colors, probe,
};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; only sizes are added up.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        hold(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        hold(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        hold(size);
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn hold(bytes: usize) {
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(held, Relaxed);
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` holds at its peak beyond what was held before, in bytes.
fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    (result, PEAK.load(Relaxed) - before)
}

/// Asserts a peak in units of one RGB picture.
fn assert_pictures(what: &str, peak: usize, picture: &Rgb8, most: f64) {
    let pictures = peak as f64 / picture.data().len() as f64;
    assert!(pictures <= most, "{what} holds {pictures:.2} pictures, not {most}");
}

/// One test, because the count is of the whole process.
#[test]
fn no_step_holds_more_than_it_says() {
    let picture = scene(2400, 1600);
    let jpeg = |chroma| EncodeOptions::new(OutputFormat::Jpeg { quality: 90, chroma });
    let none = Metadata::default();
    let limits = Limits::default();

    let (made, peak) = peak_of(|| encode(&picture, None, &jpeg(Chroma::Half420), &none).unwrap());
    assert_pictures("encoding a JPEG", peak, &picture, 0.6);
    let (_, peak) = peak_of(|| encode(&picture, None, &EncodeOptions::new(OutputFormat::Png), &none).unwrap());
    assert_pictures("encoding a PNG", peak, &picture, 2.2);

    let (photo, peak) = peak_of(|| decode(&made.bytes, &limits).unwrap());
    assert_pictures("decoding a JPEG", peak, &picture, 1.2);
    let (photo, peak) = peak_of(|| Orientation::Rotate90.apply(photo.pixels));
    assert_pictures("turning by 90 degrees", peak, &picture, 1.1);
    let (photo, peak) = peak_of(|| Orientation::Rotate180.apply(photo));
    assert_pictures("turning by 180 degrees", peak, &picture, 0.1);

    let mut painted = photo.clone();
    let ((), peak) = peak_of(|| keep_colors(&photo, &mut painted).unwrap());
    assert_pictures("keeping colours", peak, &picture, 0.1);
    let (_, peak) = peak_of(|| photo.resized(photo.width() - 1, photo.height() - 1).unwrap());
    assert_pictures("resizing", peak - (16 << 20).min(peak), &picture, 1.1);

    // A header may claim what it likes: 64 million pixels of nothing must cost nothing before they are refused.
    let mut claimed = fixture("baseline.jpg");
    let frame = claimed.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    claimed[frame + 5..frame + 9].copy_from_slice(&[0x1F, 0x40, 0x1F, 0x40]);
    let small = Limits {
        max_pixels: 1_000_000,
        ..limits
    };
    let (refused, peak) = peak_of(|| decode(&claimed, &small).unwrap_err());
    assert_eq!(refused.code(), "too-many-pixels");
    assert!(peak < 100_000, "refusing holds {peak} bytes");
    let (_, peak) = peak_of(|| probe(&made.bytes, &limits).unwrap());
    assert!(peak < 100_000, "probing holds {peak} bytes");
}
