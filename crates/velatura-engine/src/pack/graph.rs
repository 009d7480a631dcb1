use std::fmt;

use serde::Deserialize;

use super::PaintSpec;

/// The graphs of packs; which of them a pack has follows from how it comes by its [`Statistics`](super::Statistics).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Graph {
    /// Style picture to code.
    Style,
    /// Photo to raw depth.
    Depth,
    /// Photo to features.
    Encode,
    /// Features to painting.
    Decode,
    /// Photo to the statistics of the whole, as `Tile` takes them.
    Measure,
    /// Part of a photo and the statistics of the whole to painting.
    Tile,
    /// Photo to painting in one, for whole pictures.
    Paint,
}

/// The type of a tensor's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    U8,
    F32,
}

/// One input or output that the contract asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) element: Element,
    /// Dimensions, the batch included.
    pub(crate) rank: usize,
}

impl Graph {
    /// The name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Depth => "depth",
            Self::Encode => "encode",
            Self::Decode => "decode",
            Self::Measure => "measure",
            Self::Tile => "tile",
            Self::Paint => "paint",
        }
    }

    /// The inputs, in the order in which the engine gives them.
    pub(crate) fn inputs(self, paint: &PaintSpec) -> Vec<Port> {
        let code = || (paint.code_length() > 0).then(|| vector("code"));
        let mut ports = match self {
            Self::Style | Self::Depth | Self::Encode => return vec![image("image")],
            Self::Decode => features(paint).chain([vector("content")]).collect(),
            Self::Tile => vec![image("image"), vector("statistics")],
            Self::Measure | Self::Paint => vec![image("image")],
        };
        ports.extend(code());
        ports.push(alpha());
        ports
    }

    /// The outputs, in the order in which the engine takes them.
    pub(crate) fn outputs(self, paint: &PaintSpec) -> Vec<Port> {
        match self {
            Self::Style => vec![vector("code")],
            Self::Depth => vec![Port {
                name: "depth".into(),
                element: Element::F32,
                rank: 3,
            }],
            Self::Encode => features(paint).collect(),
            Self::Measure => vec![vector("statistics")],
            Self::Decode | Self::Tile | Self::Paint => vec![image("painted")],
        }
    }
}

fn image(name: &str) -> Port {
    Port {
        name: name.into(),
        element: Element::U8,
        rank: 4,
    }
}

fn vector(name: &str) -> Port {
    Port {
        name: name.into(),
        element: Element::F32,
        rank: 2,
    }
}

fn alpha() -> Port {
    Port {
        name: "alpha".into(),
        element: Element::F32,
        rank: 4,
    }
}

fn features(paint: &PaintSpec) -> impl Iterator<Item = Port> {
    (0..paint.levels().len()).map(|level| Port {
        name: format!("features_{level}"),
        element: Element::F32,
        rank: 4,
    })
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = match self.element {
            Element::U8 => "u8",
            Element::F32 => "f32",
        };
        write!(f, "{} ({element} of {} dimensions)", self.name, self.rank)
    }
}
