//! Manifests that are handed over rather than named: they are kept below the destination, so that a job has its list as
//! long as its pictures, and expansion knows one kind only.

use bytes::Bytes;
use velatura_objects::{Location, PutOptions};
use velatura_proto::v1;
use velatura_proto::v1::manifest::Format as Named;

use super::Jobs;
use crate::access::{Caller, Role, audit};
use crate::error::ApiError;
use crate::submission::{Format, Refusal, destination_of};

/// A manifest on its way to where it is kept.
pub(super) struct Upload {
    location: Location,
    body: Bytes,
}

impl Upload {
    /// Where it is going to be kept.
    pub(super) fn location(&self) -> &Location {
        &self.location
    }
}

impl Jobs {
    /// Keeps a manifest below a destination; gives where. The same bytes are kept once.
    pub(crate) async fn keep_manifest(
        &self,
        caller: &Caller,
        wanted: v1::KeepManifestRequest,
    ) -> Result<v1::StoredManifest, ApiError> {
        let kept = self.keep(caller, wanted).await;
        let (object, result) = match &kept {
            Ok(kept) => (kept.url.as_str(), "ok"),
            Err(error) => ("", error.code()),
        };
        audit::record(caller, "manifest.keep", object, result);
        kept
    }

    async fn keep(&self, caller: &Caller, wanted: v1::KeepManifestRequest) -> Result<v1::StoredManifest, ApiError> {
        caller.must(Role::Submit)?;
        let request = v1::SubmitJobRequest {
            destination: Some(v1::Destination {
                prefix: wanted.destination,
                ..Default::default()
            }),
            source: Some(v1::Source {
                manifest: Some(v1::Manifest {
                    content: wanted.content,
                    format: wanted.format,
                    ..Default::default()
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        let (request, upload) = take(request)?;
        let upload = upload.ok_or_else(|| refused("manifest-empty", "the manifest is empty"))?;
        caller.may_write("destination", &destination_of(&request)?)?;
        let bytes = upload.body.len() as u64;
        let url = upload.location.to_string();
        self.store(upload).await?;
        Ok(v1::StoredManifest { url, bytes })
    }

    pub(super) async fn store(&self, upload: Upload) -> Result<(), ApiError> {
        let refusal = |error: velatura_objects::ObjectError| match error.is_transient() {
            true => ApiError::Away {
                code: error.code(),
                message: error.to_string(),
            },
            false => Refusal::location("destination.prefix", &error).into(),
        };
        let (store, key) = self.context.stores.open(&upload.location).map_err(refusal)?;
        store
            .put(&key, upload.body, PutOptions::default())
            .await
            .map(drop)
            .map_err(refusal)
    }
}

/// Takes the list out of a request and puts in its place where it is going to be kept: a name made of its bytes, so that
/// the same submission is the same.
pub(super) fn take(mut request: v1::SubmitJobRequest) -> Result<(v1::SubmitJobRequest, Option<Upload>), Refusal> {
    let Some(manifest) = request.source.as_mut().and_then(|source| source.manifest.as_mut()) else {
        return Ok((request, None));
    };
    if manifest.content.is_empty() {
        return match manifest.url.is_empty() {
            true => Err(refused("manifest-empty", "the manifest has neither a url nor content")),
            false => Ok((request, None)),
        };
    }
    if !manifest.url.is_empty() {
        return Err(refused(
            "source-ambiguous",
            "give either the manifest's url or its content, not both",
        ));
    }
    let body = std::mem::take(&mut manifest.content);
    let format = match manifest.format() {
        Named::Unspecified => guess(&body),
        _ => Format::read(manifest)?,
    };
    if format == Format::Inventory {
        let message = "an inventory's manifest.json stays where its files are: name it by its url";
        return Err(refused("manifest-format-unknown", message));
    }
    let packed = if body.starts_with(&[0x1f, 0x8b]) { ".gz" } else { "" };
    let name = format!(
        "_velatura/manifests/{}.{}{packed}",
        &blake3::hash(&body).to_hex()[..32],
        format.extension()
    );
    let location = destination_of(&request)?.join(&name);
    if let Some(manifest) = request.source.as_mut().and_then(|source| source.manifest.as_mut()) {
        manifest.url = location.to_string();
    }
    let body = body.into();
    Ok((request, Some(Upload { location, body })))
}

/// JSON Lines begin with a brace, and a CSV file's columns don't. What is packed is unpacked so far.
fn guess(body: &[u8]) -> Format {
    use std::io::Read as _;
    let mut first = [0_u8; 16];
    let read = match body.starts_with(&[0x1f, 0x8b]) {
        true => flate2::read::MultiGzDecoder::new(body).read(&mut first).unwrap_or(0),
        false => {
            let some = body.len().min(first.len());
            first[..some].copy_from_slice(&body[..some]);
            some
        }
    };
    let text = first[..read]
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(&first[..read]);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Format::JsonLines,
        Some(_) | None => Format::Csv,
    }
}

fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal::new(code, "source.manifest", message)
}
