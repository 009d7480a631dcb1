use thiserror::Error;

/// Why a plane cannot be made, cut or compared: always a mistake of the caller, never of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlaneError {
    /// A side is 0.
    #[error("a plane of {width}x{height} pixels has no pixels; both sides must be at least 1")]
    Empty {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// The samples would not fit the address space.
    #[error("a plane of {width}x{height} pixels is larger than memory can address; ask for a smaller one")]
    TooLarge {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// The data does not fit the size.
    #[error("a plane of {width}x{height} pixels needs {expected} samples, not {actual}")]
    WrongLength {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
        /// Samples that the size needs.
        expected: usize,
        /// Samples that were given.
        actual: usize,
    },
    /// A rectangle leaves its plane.
    #[error("a rectangle of {width}x{height} pixels at ({x}, {y}) leaves its plane of {}x{} pixels", plane.0, plane.1)]
    OutsidePlane {
        /// Left column.
        x: u32,
        /// Top row.
        y: u32,
        /// Width of the rectangle.
        width: u32,
        /// Height of the rectangle.
        height: u32,
        /// Width and height of the plane.
        plane: (u32, u32),
    },
    /// Two planes that belong together differ in size.
    #[error("planes of {}x{} and {}x{} pixels do not belong together; resize one first", left.0, left.1, right.0, right.1)]
    SizeMismatch {
        /// Width and height of the first plane.
        left: (u32, u32),
        /// Width and height of the second plane.
        right: (u32, u32),
    },
}
