use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};

/// Why a body did not come whole.
pub(super) enum Broken {
    /// This much had come when it passed the limit.
    TooLarge(u64),
    /// The connection ended, or the checksum does not match.
    Off(BoxError),
}

/// Reads a body to its end, but never more than the limit and one piece.
pub(super) async fn read(mut body: ByteStream, announced: Option<u64>, limit: u64) -> Result<Bytes, Broken> {
    // What a server announces is not yet there: memory grows with what comes, beyond a first megabyte.
    let first = announced.unwrap_or_default().min(limit).min(1 << 20);
    let mut bytes = BytesMut::with_capacity(usize::try_from(first).unwrap_or_default());
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| Broken::Off(error.into()))?);
        if bytes.len() as u64 > limit {
            return Err(Broken::TooLarge(bytes.len() as u64));
        }
    }
    match announced {
        Some(size) if size != bytes.len() as u64 => {
            Err(Broken::Off(format!("{} bytes came of {size}", bytes.len()).into()))
        }
        _ => Ok(bytes.freeze()),
    }
}
