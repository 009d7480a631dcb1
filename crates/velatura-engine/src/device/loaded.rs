use ort::session::{Session, SessionInputValue};
use ort::value::{Tensor, TensorRef};
use velatura_image::Rgb8;

use super::opener::Opener;
use super::shapes::Shapes;
use super::{Floats, Value};
use crate::pack::{Element, Port};

/// A graph of the pack, ready to run.
pub(super) struct Loaded {
    pub(super) sessions: Shapes<Session>,
    /// Of further sessions.
    pub(super) opener: Opener,
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    /// The graph's batch is 1 for good, as in many published ones.
    pub(super) one_at_a_time: bool,
}

impl Loaded {
    /// The outputs of each item.
    pub(super) fn run(&mut self, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, ort::Error> {
        if self.one_at_a_time {
            let parts = items.chunks(1).map(|item| self.run_together(item));
            return parts.collect::<Result<Vec<_>, _>>().map(|parts| parts.concat());
        }
        self.run_together(items)
    }

    fn run_together(&mut self, items: &[&[Value]]) -> Result<Vec<Vec<Value>>, ort::Error> {
        let shape = std::iter::once(vec![items.len()])
            .chain(items[0].iter().map(Value::shape))
            .collect();
        let session = self.sessions.session(shape, || self.opener.open_spare());
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (index, port) in self.inputs.iter().enumerate() {
            inputs.push((port.name.as_str(), stacked(items, index)?));
        }
        let outputs = session.run(inputs)?;
        let mut split: Vec<Vec<Value>> = items.iter().map(|_| Vec::with_capacity(self.outputs.len())).collect();
        for port in &self.outputs {
            let value = &outputs[port.name.as_str()];
            let (shape, _) = match port.element {
                Element::U8 => value
                    .try_extract_tensor::<u8>()
                    .map(|(shape, data)| (shape, data.len()))?,
                Element::F32 => value
                    .try_extract_tensor::<f32>()
                    .map(|(shape, data)| (shape, data.len()))?,
            };
            let dimensions: Vec<usize> = shape.iter().map(|&length| length as usize).collect();
            let wrong = || {
                let message = format!("its output {} has the shape {dimensions:?}", port.name);
                ort::Error::new_with_code(ort::ErrorCode::InvalidArgument, message)
            };
            let (&count, item_shape) = dimensions.split_first().ok_or_else(wrong)?;
            if count != items.len() || dimensions.contains(&0) {
                return Err(wrong());
            }
            let length = item_shape.iter().product();
            match port.element {
                Element::U8 => {
                    let &[height, width, 3] = item_shape else {
                        return Err(wrong());
                    };
                    let (_, data) = value.try_extract_tensor::<u8>()?;
                    for (outputs, part) in split.iter_mut().zip(data.chunks_exact(length)) {
                        let picture = Rgb8::new(width as u32, height as u32, part.to_vec()).map_err(|_| wrong())?;
                        outputs.push(Value::Picture(picture.into()));
                    }
                }
                Element::F32 => {
                    let (_, data) = value.try_extract_tensor::<f32>()?;
                    for (outputs, part) in split.iter_mut().zip(data.chunks_exact(length)) {
                        outputs.push(Value::Floats(Floats::new(item_shape.to_vec(), part.to_vec())));
                    }
                }
            }
        }
        Ok(split)
    }
}

/// Input `index` of all items as one tensor. A single item is lent, not copied.
fn stacked<'v>(items: &[&'v [Value]], index: usize) -> Result<SessionInputValue<'v>, ort::Error> {
    let first = &items[0][index];
    let mut shape = vec![items.len()];
    shape.extend(first.shape());
    Ok(match first {
        Value::Picture(picture) if items.len() == 1 => TensorRef::from_array_view((shape, picture.data()))?.into(),
        Value::Floats(floats) if items.len() == 1 => {
            TensorRef::from_array_view((shape, floats.data.as_slice()))?.into()
        }
        Value::Picture(_) => {
            let pictures = items.iter().filter_map(|item| match &item[index] {
                Value::Picture(picture) => Some(picture.data()),
                Value::Floats(_) => None,
            });
            Tensor::from_array((shape, pictures.collect::<Vec<_>>().concat()))?.into()
        }
        Value::Floats(_) => {
            let floats = items.iter().filter_map(|item| match &item[index] {
                Value::Floats(floats) => Some(floats.data.as_slice()),
                Value::Picture(_) => None,
            });
            Tensor::from_array((shape, floats.collect::<Vec<_>>().concat()))?.into()
        }
    })
}
