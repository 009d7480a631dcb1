use crate::Plane;

/// How the stored pixels must be turned to stand upright: EXIF tag 0x0112, values 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Orientation {
    /// 1: as stored.
    #[default]
    Upright,
    /// 2: mirror left to right.
    FlipHorizontal,
    /// 3: turn by 180°.
    Rotate180,
    /// 4: mirror top to bottom.
    FlipVertical,
    /// 5: mirror along the main diagonal.
    Transpose,
    /// 6: turn clockwise by 90°.
    Rotate90,
    /// 7: mirror along the other diagonal.
    Transverse,
    /// 8: turn counter-clockwise by 90°.
    Rotate270,
}

/// Side of the squares in which pixels are transposed: small enough for the cache, whole cache lines long.
const TILE: usize = 32;

impl Orientation {
    /// From the EXIF value; `None` outside 1..=8.
    pub fn from_exif(value: u16) -> Option<Self> {
        Some(match value {
            1 => Self::Upright,
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => return None,
        })
    }

    /// The EXIF value, 1 to 8.
    pub fn to_exif(self) -> u16 {
        self as u16 + 1
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        matches!(
            self,
            Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270
        )
    }

    /// The upright size of a picture stored as `width × height`.
    pub fn upright_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// The plane turned upright: in place where width and height stay, else with one copy.
    pub fn apply<T: Copy, const CHANNELS: usize>(self, mut plane: Plane<T, CHANNELS>) -> Plane<T, CHANNELS> {
        match self {
            Self::Upright => plane,
            Self::FlipHorizontal => {
                for row in 0..plane.height() {
                    plane.row_mut(row).as_chunks_mut::<CHANNELS>().0.reverse();
                }
                plane
            }
            Self::Rotate180 => {
                plane.pixels_mut().reverse();
                plane
            }
            Self::FlipVertical => {
                let stride = plane.stride();
                let rows = plane.height() as usize;
                let (top, bottom) = plane.data_mut().split_at_mut(rows / 2 * stride);
                for (upper, lower) in top.chunks_exact_mut(stride).zip(bottom.rchunks_exact_mut(stride)) {
                    upper.swap_with_slice(lower);
                }
                plane
            }
            Self::Transpose => transposed(&plane, false, false),
            Self::Rotate90 => transposed(&plane, false, true),
            Self::Transverse => transposed(&plane, true, true),
            Self::Rotate270 => transposed(&plane, true, false),
        }
    }
}

/// Swaps the axes, then reads the source's columns from the right and its rows from the bottom where asked.
fn transposed<T: Copy, const CHANNELS: usize>(
    plane: &Plane<T, CHANNELS>,
    from_right: bool,
    from_bottom: bool,
) -> Plane<T, CHANNELS> {
    let (source_width, source_height) = (plane.width() as usize, plane.height() as usize);
    let source = plane.pixels();
    let mut data = vec![source[0][0]; plane.data().len()];
    let target = data.as_chunks_mut::<CHANNELS>().0;
    for tile_y in (0..source_width).step_by(TILE) {
        for tile_x in (0..source_height).step_by(TILE) {
            for y in tile_y..(tile_y + TILE).min(source_width) {
                let column = if from_right { source_width - 1 - y } else { y };
                for x in tile_x..(tile_x + TILE).min(source_height) {
                    let row = if from_bottom { source_height - 1 - x } else { x };
                    target[y * source_height + x] = source[row * source_width + column];
                }
            }
        }
    }
    Plane::from_parts(plane.height(), plane.width(), data)
}
