use velatura_objects::ObjectError;
use velatura_recipe::{RecipeError, TemplateError};

/// Why a submission can't be carried out: which field, a stable code, and one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    /// The field as it is written in the request, such as `recipes[0].strength`.
    pub(crate) field: String,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            field: field.into(),
            message: message.into(),
        }
    }

    pub(crate) fn location(field: &str, error: &ObjectError) -> Self {
        Self::new(error.code(), field, error.to_string())
    }

    pub(super) fn recipe(field: &str, error: &RecipeError) -> Self {
        let field = match error {
            RecipeError::OutOfRange { field: inner, .. } => format!("{field}.{inner}"),
            RecipeError::NoStyle | RecipeError::NoWeight(_) => format!("{field}.styles"),
            RecipeError::Contradiction(_) | RecipeError::Syntax(_) => field.to_owned(),
        };
        Self::new(error.code(), field, error.to_string())
    }

    pub(super) fn template(field: impl Into<String>, error: &TemplateError) -> Self {
        Self::new("template-invalid", field, error.to_string())
    }
}
