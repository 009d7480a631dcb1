use serde::Deserialize;

use super::Graph;

/// What a pack says about painting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct PaintSpec {
    /// Sides of pictures given to the graphs are multiples of this.
    pub multiple: u32,
    /// The smallest side, pixels.
    pub minimum: u32,
    /// Pixels around a place that decide about it: the receptive field's radius.
    pub halo: u32,
    /// How the graphs come by the statistics of the whole picture.
    pub statistics: Statistics,
}

/// How the graphs come by the statistics of the whole picture, which a tile alone can't know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statistics {
    /// AdaIN: the engine gathers mean and deviation of these feature levels, finest first, in one piece or merged from
    /// tiles, which agree.
    Levels(Vec<Level>),
    /// Any other network that normalises over the whole picture, at however many places: the graph `measure` gives the
    /// statistics of a picture, `tile` takes them. A large picture's are measured on a smaller copy.
    Measured(Measured),
}

/// One feature level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Feature channels.
    pub channels: usize,
    /// Pixels of the picture to a cell of the level, along each side.
    pub stride: u32,
}

/// A network whose statistics are measured by a graph of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Numbers in a style's code, K; 0: the style is in the weights, and there is no style graph.
    pub code: usize,
    /// Numbers that `measure` gives.
    pub statistics: usize,
    /// Pixels of the picture to a cell of the strength map, along each side.
    pub alpha_stride: u32,
}

/// `[paint]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    multiple: u32,
    minimum: u32,
    halo: u32,
    levels: Option<Vec<Level>>,
    measured: Option<Measured>,
}

impl TryFrom<Table> for PaintSpec {
    type Error = &'static str;

    fn try_from(table: Table) -> Result<Self, Self::Error> {
        let statistics = match (table.levels, table.measured) {
            (Some(levels), None) => Statistics::Levels(levels),
            (None, Some(measured)) => Statistics::Measured(measured),
            (None, None) | (Some(_), Some(_)) => return Err("[paint] has either `levels` or `measured`"),
        };
        Ok(Self {
            multiple: table.multiple,
            minimum: table.minimum,
            halo: table.halo,
            statistics,
        })
    }
}

impl PaintSpec {
    /// Numbers in a style's code, K; for AdaIN mean and deviation of every channel of every level. 0: the pack paints in
    /// one style, its own.
    pub fn code_length(&self) -> usize {
        match &self.statistics {
            Statistics::Levels(levels) => 2 * levels.iter().map(|level| level.channels).sum::<usize>(),
            Statistics::Measured(measured) => measured.code,
        }
    }

    /// Pixels of the picture to a cell of the strength map, along each side.
    pub fn alpha_stride(&self) -> u32 {
        match &self.statistics {
            Statistics::Levels(levels) => levels[0].stride,
            Statistics::Measured(measured) => measured.alpha_stride,
        }
    }

    /// The feature levels whose statistics the engine gathers; none for a network that measures its own.
    pub(crate) fn levels(&self) -> &[Level] {
        match &self.statistics {
            Statistics::Levels(levels) => levels,
            Statistics::Measured(_) => &[],
        }
    }

    /// The graphs it takes.
    pub(super) fn graphs(&self) -> Vec<Graph> {
        match &self.statistics {
            Statistics::Levels(_) => vec![Graph::Style, Graph::Encode, Graph::Decode, Graph::Paint],
            Statistics::Measured(measured) => {
                let style = (measured.code > 0).then_some(Graph::Style);
                style
                    .into_iter()
                    .chain([Graph::Measure, Graph::Tile, Graph::Paint])
                    .collect()
            }
        }
    }

    pub(super) fn contradiction(&self) -> Option<String> {
        let Self { multiple, minimum, .. } = *self;
        if multiple == 0 {
            return Some("a multiple or a long side is 0".into());
        }
        if minimum % multiple != 0 || minimum == 0 {
            return Some(format!("the smallest side is {minimum}, no multiple of {multiple}"));
        }
        let strides = match &self.statistics {
            Statistics::Levels(levels) if levels.is_empty() || levels.iter().any(|level| level.channels == 0) => {
                return Some("there is no feature level, or one without channels".into());
            }
            Statistics::Levels(levels) => levels.iter().map(|level| level.stride).collect(),
            Statistics::Measured(measured) if measured.statistics == 0 => {
                return Some("its graph `measure` gives no number".into());
            }
            Statistics::Measured(measured) => vec![measured.alpha_stride],
        };
        if let Some(stride) = strides.iter().find(|&&stride| stride == 0 || multiple % stride != 0) {
            return Some(format!(
                "a level has a stride of {stride}, which does not divide {multiple}"
            ));
        }
        if !strides.is_sorted() {
            return Some("the feature levels are not ordered from fine to coarse".into());
        }
        None
    }
}
