use std::sync::Arc;

use velatura_image::Rgb8;

/// One item's tensor, without the batch dimension. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// u8 [H, W, 3].
    Picture(Arc<Rgb8>),
    /// f32 of any shape.
    Floats(Floats),
}

/// Numbers with their shape.
#[derive(Debug, Clone)]
pub(crate) struct Floats {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Arc<Vec<f32>>,
}

impl Floats {
    pub(crate) fn new(shape: Vec<usize>, data: Vec<f32>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), data.len());
        Self {
            shape,
            data: Arc::new(data),
        }
    }
}

impl Value {
    pub(crate) fn vector(values: &[f32]) -> Self {
        Self::Floats(Floats::new(vec![values.len()], values.to_vec()))
    }

    pub(crate) fn shape(&self) -> Vec<usize> {
        match self {
            Self::Picture(picture) => vec![picture.height() as usize, picture.width() as usize, 3],
            Self::Floats(floats) => floats.shape.clone(),
        }
    }
}
