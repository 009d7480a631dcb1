use std::fmt;

/// The graphs of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Graph {
    /// Style picture to code.
    Style,
    /// Photo to raw depth.
    Depth,
    /// Photo to features.
    Encode,
    /// Features to painting.
    Decode,
    /// Photo to painting: `Encode` and `Decode` in one, for whole pictures.
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
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Style, Self::Depth, Self::Encode, Self::Decode, Self::Paint];

    /// The name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Depth => "depth",
            Self::Encode => "encode",
            Self::Decode => "decode",
            Self::Paint => "paint",
        }
    }

    /// The inputs, in the order in which the engine gives them.
    pub(crate) fn inputs(self, levels: usize) -> Vec<Port> {
        match self {
            Self::Style | Self::Depth | Self::Encode => vec![image("image")],
            Self::Decode => features(levels)
                .chain([vector("content"), vector("code"), alpha()])
                .collect(),
            Self::Paint => vec![image("image"), vector("code"), alpha()],
        }
    }

    /// The outputs, in the order in which the engine takes them.
    pub(crate) fn outputs(self, levels: usize) -> Vec<Port> {
        match self {
            Self::Style => vec![vector("code")],
            Self::Depth => vec![Port {
                name: "depth".into(),
                element: Element::F32,
                rank: 3,
            }],
            Self::Encode => features(levels).collect(),
            Self::Decode | Self::Paint => vec![image("painted")],
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

fn features(levels: usize) -> impl Iterator<Item = Port> {
    (0..levels).map(|level| Port {
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
