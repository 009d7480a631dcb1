use std::sync::Arc;
use std::time::Instant;

use velatura_image::Rgb8;

use super::canvas::Canvas;
use super::flatness::Flatness;
use super::group::Group;
use super::member::Member;
use super::networks::{Networks, alpha_value, content_code};
use crate::PaintError;
use crate::device::{CallError, Floats, Value};
use crate::geometry::Window;
use crate::pack::{Graph, Statistics};

/// Paints a photo in one piece; `picture` is the photo at the group's working size.
///
/// A single painting that needs nothing but itself takes the fused graph; several share one encode, and one decode
/// without style if any of them wants the photo's detail back. Networks that don't come apart paint each by itself.
pub(super) fn paint(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    photo: &Rgb8,
    picture: Arc<Rgb8>,
) -> Result<Vec<Result<Rgb8, PaintError>>, CallError> {
    let must_vary = group.must_vary(networks, &picture);
    let (painted, reconstructed) = match (group.members.as_slice(), &networks.pack.paint().statistics) {
        ([_, _, ..], Statistics::Levels(_)) => from_one_encode(group, networks, picture)?,
        ([member], Statistics::Levels(_)) if member.residual() => from_one_encode(group, networks, picture)?,
        _ => each_by_itself(group, networks, &picture)?,
    };
    let finishing = Instant::now();
    let finish = |((member, painted), must_vary)| finish(photo, member, painted, reconstructed.as_ref(), must_vary);
    let pictures = group.members.iter().zip(painted).zip(must_vary).map(finish).collect();
    networks.timings.finish += finishing.elapsed();
    Ok(pictures)
}

fn each_by_itself(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    picture: &Arc<Rgb8>,
) -> Result<(Vec<Rgb8>, Option<Rgb8>), CallError> {
    let grid = Window::whole(group.working).strided(networks.pack.paint().alpha_stride());
    let looks = group.looks(grid);
    let pending = looks
        .into_iter()
        .map(|(code, alpha)| networks.send_paint(Arc::clone(picture), code, alpha))
        .collect::<Result<Vec<_>, _>>()?;
    let painted = pending
        .into_iter()
        .map(|pending| networks.painted(Graph::Paint, pending));
    Ok(group.apart(painted.collect::<Result<_, _>>()?))
}

fn from_one_encode(
    group: &Group<'_>,
    networks: &mut Networks<'_>,
    picture: Arc<Rgb8>,
) -> Result<(Vec<Rgb8>, Option<Rgb8>), CallError> {
    let (pixels, whole) = (group.working.pixels(), Window::whole(group.working));
    let pending = networks.send_encode(picture)?;
    let features = networks.features(pending)?;
    let content = content_code(&networks.moments(&features, whole)?);
    let grid = whole.strided(networks.pack.paint().alpha_stride());

    let decode = |networks: &Networks<'_>, code: &[f32], alpha: Value| {
        networks.send_decode(&features, &content, code, alpha, pixels)
    };
    let reconstruction = group
        .needs_reconstruction()
        .then(|| decode(networks, &content, no_style(grid)))
        .transpose()?;
    let pending = group
        .members
        .iter()
        .map(|member| {
            decode(
                networks,
                member.painting.code.values(),
                alpha_value(&member.strength, grid),
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    let reconstructed = reconstruction
        .map(|pending| networks.painted(Graph::Decode, pending))
        .transpose()?;
    let painted = pending
        .into_iter()
        .map(|pending| networks.painted(Graph::Decode, pending));
    Ok((painted.collect::<Result<_, _>>()?, reconstructed))
}

/// α = 0 everywhere.
pub(super) fn no_style(grid: Window) -> Value {
    let size = grid.size().pixels() as usize;
    Value::Floats(Floats::new(
        vec![1, grid.height as usize, grid.width as usize],
        vec![0.0; size],
    ))
}

fn finish(
    photo: &Rgb8,
    member: &Member<'_>,
    painted: Rgb8,
    reconstructed: Option<&Rgb8>,
    must_vary: bool,
) -> Result<Rgb8, PaintError> {
    if member.is_plain() && painted.size() == (member.output.width, member.output.height) {
        let mut flatness = Flatness::default();
        flatness.look(painted.data());
        return if must_vary && flatness.is_flat() {
            Err(PaintError::BadOutput)
        } else {
            Ok(painted)
        };
    }
    let mut canvas = Canvas::new(photo, member);
    canvas.push(painted.into_data(), reconstructed.map(Rgb8::data));
    canvas.finish(must_vary)
}
