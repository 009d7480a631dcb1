//! Curves over one horizontal axis, panels one above the other, as SVG: for the plots that runs write to `docs/img/`.
//!
//! ```
//! use velatura_plot::{Panel, Plot};
//!
//! let workers = [(0.0, 0.0), (30.0, 1.0), (45.0, 4.0)];
//! let svg = Plot::new("A burst", "seconds")
//!     .mark(30.0, "the first worker is ready")
//!     .panel(Panel::new("workers").steps("wanted", workers).line("ready", workers))
//!     .svg();
//! assert!(svg.contains("<svg") && svg.contains("the first worker is ready"));
//! ```
//!
//! The same curves are always the same bytes, so that a plot changes in the repository only when its run does.

mod axis;
mod svg;
mod thin;

use std::io;
use std::path::Path;

/// One or more panels over the same horizontal axis.
#[derive(Debug, Clone)]
pub struct Plot {
    title: String,
    x: String,
    panels: Vec<Panel>,
    marks: Vec<(f64, String)>,
}

/// Curves that share a vertical axis, which begins at 0.
#[derive(Debug, Clone)]
pub struct Panel {
    title: String,
    curves: Vec<Curve>,
}

#[derive(Debug, Clone)]
struct Curve {
    name: String,
    points: Vec<(f64, f64)>,
    steps: bool,
}

impl Plot {
    /// An empty plot; `x` says what the horizontal axis counts.
    pub fn new(title: &str, x: &str) -> Self {
        Self {
            title: title.to_owned(),
            x: x.to_owned(),
            panels: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Adds a panel below the others.
    #[must_use]
    pub fn panel(mut self, panel: Panel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Something that happened: a line through all panels, named at the top.
    #[must_use]
    pub fn mark(mut self, x: f64, what: &str) -> Self {
        self.marks.push((x, what.to_owned()));
        self
    }

    /// The picture.
    pub fn svg(&self) -> String {
        svg::draw(self)
    }

    /// Writes the picture, and the folders above it.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, self.svg())
    }

    /// The end of the horizontal axis.
    fn end(&self) -> f64 {
        let points = self
            .panels
            .iter()
            .flat_map(|panel| &panel.curves)
            .flat_map(|curve| &curve.points);
        points.map(|point| point.0).fold(0.0, f64::max)
    }
}

impl Panel {
    /// An empty panel; the title says what is counted, with its unit.
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            curves: Vec::new(),
        }
    }

    /// Adds a curve whose points are joined by straight lines.
    #[must_use]
    pub fn line(self, name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.curve(name, points, false)
    }

    /// Adds a curve that keeps each value until the next point: counts.
    #[must_use]
    pub fn steps(self, name: &str, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        self.curve(name, points, true)
    }

    fn curve(mut self, name: &str, points: impl IntoIterator<Item = (f64, f64)>, steps: bool) -> Self {
        self.curves.push(Curve {
            name: name.to_owned(),
            points: points.into_iter().collect(),
            steps,
        });
        self
    }

    fn top(&self) -> f64 {
        let values = self.curves.iter().flat_map(|curve| &curve.points).map(|point| point.1);
        values.filter(|value| value.is_finite()).fold(0.0, f64::max)
    }
}
