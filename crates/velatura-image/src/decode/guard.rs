use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::DecodeError;
use crate::Format;

/// Runs a decoder and turns its panic into an error. What the decoder was building is dropped with the panic, so
/// nothing half-made is seen afterwards.
pub(super) fn contain<T>(format: Format, work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        Err(DecodeError::DecoderPanicked {
            format,
            message: message_of(&*payload),
        })
    })
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let refused = contain::<()>(Format::Gif, || panic!("index out of bounds")).unwrap_err();
        assert_eq!(refused.code(), "decoder-panicked");
        assert!(refused.to_string().contains("index out of bounds"));
    }
}
