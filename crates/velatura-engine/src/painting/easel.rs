use velatura_image::Rgb8;

use super::canvas::Canvas;
use super::group::Group;
use crate::PaintError;
use crate::device::CallError;
use crate::pack::Graph;
use crate::tiles::Tile;

/// The canvases of a group, and the row of tiles at hand for each of them, the reconstruction's last.
pub(super) struct Easel<'a> {
    canvases: Vec<Canvas<'a>>,
    bands: Vec<Rgb8>,
    width: u32,
}

impl<'a> Easel<'a> {
    pub(super) fn new(group: &'a Group<'a>, photo: &'a Rgb8) -> Self {
        let canvases = group.members.iter().map(|member| Canvas::new(photo, member)).collect();
        Self {
            canvases,
            bands: Vec::new(),
            width: group.working.width,
        }
    }

    /// Puts the core of one painted tile in its place, for each canvas; with the last of a row the row goes into the
    /// results.
    pub(super) fn place(&mut self, tile: &Tile, painted: Vec<Rgb8>) -> Result<(), CallError> {
        let (core, inner) = (tile.core, tile.core.within(tile.window));
        if core.x == 0 {
            let band = Rgb8::filled(self.width, core.height, [0; 3]).map_err(|_| other_size())?;
            self.bands = vec![band; painted.len()];
        }
        for (band, part) in self.bands.iter_mut().zip(painted) {
            let part = part.crop(inner.x, inner.y, inner.width, inner.height);
            let part = part.map_err(|_| other_size())?;
            band.paste(core.x, 0, &part).map_err(|_| other_size())?;
        }
        if core.x + core.width == self.width {
            let mut bands = std::mem::take(&mut self.bands);
            let reconstructed = (bands.len() > self.canvases.len()).then(|| bands.pop()).flatten();
            for (canvas, band) in self.canvases.iter_mut().zip(bands) {
                canvas.push(band.into_data(), reconstructed.as_ref().map(Rgb8::data));
            }
        }
        Ok(())
    }

    /// The results, each checked.
    pub(super) fn finish(self, must_vary: &[bool]) -> Vec<Result<Rgb8, PaintError>> {
        let canvases = self.canvases.into_iter().zip(must_vary);
        canvases.map(|(canvas, &must_vary)| canvas.finish(must_vary)).collect()
    }
}

fn other_size() -> CallError {
    CallError::Failed {
        graph: Graph::Decode,
        reason: "it painted another size than it was given".into(),
    }
}
