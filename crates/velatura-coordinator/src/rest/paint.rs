//! `/v1/paint`: one photo while somebody waits.

mod form;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Path, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use velatura_proto::v1;

use super::extract::{Params, is_json, json, too_large};
use crate::access::Caller;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::submission::Refusal;

/// Which job a picture is of.
const JOB: HeaderName = HeaderName::from_static("velatura-job");

pub(super) fn routes(most_photo_bytes: usize) -> Router<Jobs> {
    Router::new()
        .route("/v1/paint", post(paint).layer(DefaultBodyLimit::max(most_photo_bytes)))
        .route("/v1/paint/{id}", get(picture))
}

/// What stands behind the question mark when the body is the photo itself.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PaintParams {
    /// A recipe as JSON.
    recipe: String,
    /// Or only a style.
    style: String,
    deadline_seconds: f64,
}

impl PaintParams {
    /// The request that they make with a photo.
    fn request(&self, photo: Bytes) -> Result<v1::PaintRequest, ApiError> {
        Ok(v1::PaintRequest {
            photo: photo.into(),
            recipe: Some(recipe(self)?),
            deadline_seconds: self.deadline_seconds,
            ..Default::default()
        })
    }
}

/// The body is a `PaintRequest` as JSON, a form with the photo in it, or the photo itself.
async fn paint(
    State(jobs): State<Jobs>,
    caller: Caller,
    Params(params): Params<PaintParams>,
    request: Request,
) -> Result<Response, ApiError> {
    let most = jobs.context().config.max_photo_bytes as usize;
    let wanted = if is_json(request.headers()) {
        json::<v1::PaintRequest>(request, &jobs, most).await?
    } else if form::is_form(request.headers()) {
        form::read(request, &jobs, params).await?
    } else {
        let photo = Bytes::from_request(request, &jobs).await;
        params.request(photo.map_err(|rejection| too_large(rejection, most))?)?
    };
    Ok(answer(jobs.paint(&caller, wanted).await?))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PictureParams {
    deadline_seconds: f64,
}

async fn picture(
    State(jobs): State<Jobs>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<PictureParams>,
) -> Result<Response, ApiError> {
    let wanted = v1::GetPictureRequest {
        id,
        deadline_seconds: params.deadline_seconds,
    };
    Ok(answer(jobs.get_picture(&caller, &wanted).await?))
}

fn recipe(params: &PaintParams) -> Result<v1::Recipe, ApiError> {
    match (params.recipe.as_str(), params.style.as_str()) {
        ("", "") => {
            let message = "say how to paint it: ?style=nocturne, or ?recipe= with a recipe as JSON";
            Err(Refusal::new("recipes-missing", "recipe", message).into())
        }
        ("", style) => Ok(v1::Recipe {
            styles: vec![v1::WeightedStyle {
                style: style.to_owned(),
                weight: None,
            }],
            ..Default::default()
        }),
        (recipe, "") => serde_json::from_str(recipe).map_err(|error| ApiError::Malformed(format!("recipe: {error}"))),
        (_, _) => {
            let message = "give either style or recipe, not both";
            Err(Refusal::new("recipe-ambiguous", "recipe", message).into())
        }
    }
}

/// The picture, or 202 and the job to ask after.
fn answer(painted: v1::PaintResponse) -> Response {
    let job = painted.job.unwrap_or_default();
    if painted.picture.is_empty() {
        let headers = [
            (header::LOCATION, format!("/v1/paint/{}", job.id)),
            (header::RETRY_AFTER, "1".to_owned()),
        ];
        return (StatusCode::ACCEPTED, headers, axum::Json(job)).into_response();
    }
    let headers = [(header::CONTENT_TYPE, painted.content_type), (JOB, job.id)];
    (headers, Bytes::from(painted.picture)).into_response()
}
