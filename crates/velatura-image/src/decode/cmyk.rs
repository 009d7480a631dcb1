//! Four-component JPEG samples to ink, 255 = full.

/// Undoes YCCK and Adobe's inversion in place.
///
/// Adobe's programs, and with them nearly all, store CMYK inverted (0 = full ink) and mark the file with an APP14
/// segment; without the mark the samples are ink. In YCCK the first three components are YCbCr of the *other* sense:
/// converted to RGB they are the ink of an inverted file.
pub(super) fn to_ink(bytes: &mut [u8], ycck: bool, adobe: bool) {
    for pixel in bytes.as_chunks_mut::<4>().0 {
        let [first, second, third, black] = *pixel;
        let stored = if ycck {
            let inverse = ycc_to_rgb(first, second, third).map(|value| 255 - value);
            [inverse[0], inverse[1], inverse[2], black]
        } else {
            [first, second, third, black]
        };
        *pixel = if adobe { stored.map(|value| 255 - value) } else { stored };
    }
}

/// Full-range BT.601, in 1/65536.
fn ycc_to_rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = (i32::from(luma) << 16) + (1 << 15);
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    [
        luma + 91_881 * red,
        luma - 22_554 * blue - 46_802 * red,
        luma + 116_130 * blue,
    ]
    .map(|value| (value >> 16).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverted_samples_become_ink() {
        let mut pixel = [255, 0, 255, 128];
        to_ink(&mut pixel, false, true);
        assert_eq!(pixel, [0, 255, 0, 127]);
    }

    #[test]
    fn samples_without_adobes_mark_are_ink() {
        let mut pixel = [255, 0, 255, 128];
        to_ink(&mut pixel, false, false);
        assert_eq!(pixel, [255, 0, 255, 128]);
    }

    #[test]
    fn ycck_of_paper_white_is_no_ink() {
        // An inverted white is C = M = Y = K = 255, whose RGB sense is black: Y = 0, no chroma.
        let mut pixel = [0, 128, 128, 255];
        to_ink(&mut pixel, true, true);
        assert_eq!(pixel, [0, 0, 0, 0]);
    }
}
