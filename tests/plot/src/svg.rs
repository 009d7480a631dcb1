use std::fmt::Write as _;

use crate::axis::{label, ticks};
use crate::thin::thin;
use crate::{Curve, Panel, Plot};

const WIDTH: f64 = 860.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 58.0;
const HEIGHT: f64 = 150.0;
const GAP: f64 = 48.0;
const BOTTOM: f64 = 46.0;
/// About the width of a letter of a mark.
const MARK_LETTER: f64 = 5.5;
/// As many strips as the eye can tell apart, for curves of thousands of points.
const COLUMNS: usize = 300;
/// Told apart by people who see fewer colours, too (Okabe and Ito).
const COLORS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// Where a panel lies, and how values become places in it.
struct Frame {
    top: f64,
    x_end: f64,
    y_end: f64,
}

impl Frame {
    fn x(&self, x: f64) -> f64 {
        LEFT + x / self.x_end * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, y: f64) -> f64 {
        self.top + HEIGHT * (1.0 - y / self.y_end)
    }
}

pub(crate) fn draw(plot: &Plot) -> String {
    let panels = plot.panels.len() as f64;
    let height = TOP + panels * HEIGHT + (panels - 1.0).max(0.0) * GAP + BOTTOM;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    text(
        &mut svg,
        (LEFT, 22.0),
        "font-size=\"15\" font-weight=\"600\" fill=\"#222\"",
        &plot.title,
    );
    let end = if plot.end() > 0.0 { plot.end() } else { 1.0 };
    let bottom = height - BOTTOM;
    for (number, panel) in plot.panels.iter().enumerate() {
        let y_ticks = ticks(panel.top());
        let frame = Frame {
            top: TOP + number as f64 * (HEIGHT + GAP),
            x_end: end,
            y_end: *y_ticks.last().expect("an axis has ticks"),
        };
        axes(&mut svg, &frame, &y_ticks, number + 1 == plot.panels.len());
        legend(&mut svg, &frame, panel);
        for (curve, color) in panel.curves.iter().zip(COLORS.iter().cycle()) {
            path(&mut svg, &frame, curve, color);
        }
    }
    let across = Frame {
        top: TOP,
        x_end: end,
        y_end: 1.0,
    };
    for (number, (x, what)) in plot.marks.iter().enumerate() {
        let x = across.x(*x);
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#888\" stroke-dasharray=\"3 3\"/>"
        );
        // Alternately at two heights, so that neighbours do not write over each other.
        let y = bottom - 6.0 - 14.0 * (number % 2) as f64;
        // To the left of its line where it would run over the edge.
        let (place, anchor) = match x + MARK_LETTER * what.chars().count() as f64 > WIDTH {
            true => (x - 3.0, "text-anchor=\"end\" "),
            false => (x + 3.0, ""),
        };
        text(
            &mut svg,
            (place, y),
            &format!("{anchor}font-size=\"10\" fill=\"#555\""),
            what,
        );
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(
        &mut svg,
        (middle, height - 10.0),
        "text-anchor=\"middle\" fill=\"#444\"",
        &plot.x,
    );
    svg + "</svg>\n"
}

fn axes(svg: &mut String, frame: &Frame, y_ticks: &[f64], with_x_labels: bool) {
    let (left, right, bottom) = (LEFT, WIDTH - RIGHT, frame.top + HEIGHT);
    for tick in y_ticks {
        let y = frame.y(*tick);
        let _ = writeln!(
            svg,
            "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#e4e4e4\"/>"
        );
        let place = (left - 8.0, y + 4.0);
        text(svg, place, "text-anchor=\"end\" fill=\"#444\"", &label(*tick));
    }
    for tick in ticks(frame.x_end).into_iter().filter(|tick| *tick <= frame.x_end) {
        let x = frame.x(tick);
        let end = bottom + 4.0;
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{bottom}\" x2=\"{x:.1}\" y2=\"{end}\" stroke=\"#444\"/>"
        );
        if with_x_labels {
            text(
                svg,
                (x, bottom + 18.0),
                "text-anchor=\"middle\" fill=\"#444\"",
                &label(tick),
            );
        }
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{left}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"#444\"/>"
    );
}

fn legend(svg: &mut String, frame: &Frame, panel: &Panel) {
    let y = frame.top - 10.0;
    text(svg, (LEFT, y), "font-weight=\"600\" fill=\"#222\"", &panel.title);
    // Letters are about this wide; a legend needs no more exactness.
    let width = |text: &str| 7.0 * text.chars().count() as f64;
    let mut x = LEFT + width(&panel.title) + 24.0;
    for (curve, color) in panel.curves.iter().zip(COLORS.iter().cycle()) {
        let (end, level) = (x + 18.0, y - 4.0);
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{level}\" x2=\"{end:.1}\" y2=\"{level}\" stroke=\"{color}\" stroke-width=\"2.5\"/>"
        );
        text(svg, (end + 5.0, y), "fill=\"#222\"", &curve.name);
        x = end + 5.0 + width(&curve.name) + 18.0;
    }
}

fn path(svg: &mut String, frame: &Frame, curve: &Curve, color: &str) {
    let mut path = String::new();
    for (x, y) in thin(&curve.points, frame.x_end, COLUMNS) {
        let (x, y) = (frame.x(x), frame.y(y));
        let _ = match (path.is_empty(), curve.steps) {
            (true, _) => write!(path, "M{x:.1} {y:.1}"),
            (false, true) => write!(path, "H{x:.1}V{y:.1}"),
            (false, false) => write!(path, "L{x:.1} {y:.1}"),
        };
    }
    let _ = writeln!(
        svg,
        "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"/>"
    );
}

fn text(svg: &mut String, (x, y): (f64, f64), style: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {style}>{words}</text>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_at_the_right_edge_is_named_to_its_left() {
        let seen = [(0.0, 0.0), (10.0, 1.0)];
        let plot = Plot::new("", "seconds").panel(Panel::new("workers").line("ready", seen));
        let anchored = |at: f64| {
            let svg = draw(&plot.clone().mark(at, "no worker is left"));
            let named = svg.lines().find(|line| line.contains("no worker is left"));
            named.is_some_and(|line| line.contains("text-anchor=\"end\""))
        };
        assert_eq!((anchored(5.0), anchored(10.0)), (false, true));
    }

    #[test]
    fn values_lie_where_their_axis_says() {
        let plot =
            Plot::new("a < b", "seconds").panel(Panel::new("workers").steps("ready", [(0.0, 0.0), (10.0, 100.0)]));
        let svg = draw(&plot);
        assert!(
            svg.contains("M64.0 208.0H840.0V58.0"),
            "from the lower left to the upper right: {svg}"
        );
        assert!(svg.contains("a &lt; b"), "{svg}");
        assert_eq!(svg, draw(&plot));
    }

    #[test]
    fn nothing_to_draw_is_an_empty_frame() {
        let svg = draw(&Plot::new("nothing", "seconds").panel(Panel::new("workers").line("ready", [])));
        assert!(svg.contains("<path d=\"\"") && !svg.contains("NaN"), "{svg}");
    }
}
