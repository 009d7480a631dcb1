//! Sizes in pixels.

/// The size with the same aspect whose longer side is `long_side`; each side at least 1.
///
/// ```
/// assert_eq!(velatura_image::fit_long_side(6000, 4000, 512), (512, 341));
/// ```
pub fn fit_long_side(width: u32, height: u32, long_side: u32) -> (u32, u32) {
    let longer = u64::from(width.max(height)).max(1);
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(long_side) + longer / 2) / longer;
        u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
    };
    (scaled(width), scaled(height))
}

/// The multiple of `multiple` nearest to `length`, at least one `multiple`; halves go up.
///
/// ```
/// assert_eq!(velatura_image::round_to_multiple(341, 8), 344);
/// assert_eq!(velatura_image::round_to_multiple(3, 8), 8);
/// ```
pub fn round_to_multiple(length: u32, multiple: u32) -> u32 {
    let multiple = multiple.max(1);
    let steps = (u64::from(length) + u64::from(multiple) / 2) / u64::from(multiple);
    let largest = u32::MAX / multiple * multiple;
    u32::try_from(steps.max(1) * u64::from(multiple)).unwrap_or(largest)
}
