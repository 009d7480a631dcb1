use anyhow::Result;
use font8x8::UnicodeFonts as _;
use velatura_image::Rgb8;

const PAPER: [u8; 3] = [244, 241, 235];
const INK: [u8; 3] = [74, 70, 64];
/// Pixels a dot of the 8 × 8 font is wide and high.
const DOT: u32 = 2;

/// A sheet of paper that pictures and words are put on.
pub(super) struct Canvas(Rgb8);

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Result<Self> {
        Ok(Self(Rgb8::filled(width, height, PAPER)?))
    }

    pub(super) fn paste(&mut self, picture: &Rgb8, left: u32, top: u32) -> Result<()> {
        Ok(self.0.paste(left, top, picture)?)
    }

    /// Writes a line from its upper left corner; what does not fit on the sheet is left out.
    pub(super) fn write(&mut self, text: &str, left: u32, top: u32) {
        for (index, letter) in text.chars().enumerate() {
            let glyph = font8x8::BASIC_FONTS
                .get(letter)
                .or_else(|| font8x8::LATIN_FONTS.get(letter))
                .unwrap_or_default();
            let left = left + index as u32 * 8 * DOT;
            for (y, row) in (0u32..).zip(glyph) {
                for x in (0..8).filter(|x| row >> x & 1 == 1) {
                    self.dot(left + x * DOT, top + y * DOT);
                }
            }
        }
    }

    fn dot(&mut self, left: u32, top: u32) {
        let (width, height) = self.0.size();
        for y in top..(top + DOT).min(height) {
            for x in left..(left + DOT).min(width) {
                self.0.pixels_mut()[(y * width + x) as usize] = INK;
            }
        }
    }

    pub(super) fn into_picture(self) -> Rgb8 {
        self.0
    }
}
