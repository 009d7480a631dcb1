//! A photo in a form, as browsers and `curl -F photo=@a.jpg` send it.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, StatusCode};
use velatura_proto::v1;

use super::super::extract::is_of_type;
use super::PaintParams;
use crate::error::ApiError;
use crate::jobs::Jobs;
use crate::submission::Refusal;

/// Whether the body is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    is_of_type(headers, "multipart/form-data")
}

/// Reads a form whose file is `photo`; its other fields go before what stands behind the question mark.
pub(super) async fn read(request: Request, jobs: &Jobs, mut params: PaintParams) -> Result<v1::PaintRequest, ApiError> {
    let most = jobs.context().config.max_photo_bytes as usize;
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge(most),
        _ => ApiError::Malformed(error.body_text()),
    };
    let form = Multipart::from_request(request, jobs).await;
    let mut form = form.map_err(|rejection| ApiError::Malformed(rejection.body_text()))?;
    let mut photo = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match name(&field).as_str() {
            "photo" if photo.is_none() => photo = Some(field.bytes().await.map_err(broken)?),
            "style" => params.style = field.text().await.map_err(broken)?,
            "recipe" => params.recipe = field.text().await.map_err(broken)?,
            "deadline_seconds" => {
                let text = field.text().await.map_err(broken)?;
                let invalid = || {
                    let message = format!("deadline_seconds is {text:?}, but must be a number");
                    Refusal::new("deadline-invalid", "deadline_seconds", message)
                };
                params.deadline_seconds = text.trim().parse().map_err(|_| invalid())?;
            }
            other => return Err(ApiError::Malformed(unknown(other))),
        }
    }
    params.request(photo.unwrap_or_default())
}

fn name(field: &Field<'_>) -> String {
    field.name().unwrap_or_default().to_owned()
}

fn unknown(name: &str) -> String {
    match name {
        "photo" => "the form has two photos: send one request for each".to_owned(),
        _ => format!("the form has a field {name:?}, but may have: photo, style, recipe, deadline_seconds"),
    }
}
