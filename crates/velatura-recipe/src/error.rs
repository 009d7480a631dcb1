/// Why a recipe can't be carried out: one sentence that names the field and what it may be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// A number outside its range.
    #[error("{field} is {value}, but must be between {least} and {most}")]
    OutOfRange {
        /// The field, as it is written in a recipe file.
        field: &'static str,
        /// What was given.
        value: f64,
        /// The smallest value allowed.
        least: f64,
        /// The largest value allowed.
        most: f64,
    },
    /// A recipe without any style.
    #[error("a recipe needs at least one style: name a house style or a picture")]
    NoStyle,
    /// The weights of the styles add up to nothing.
    #[error("the weights of the styles add up to {0}, but their sum must be above 0")]
    NoWeight(f64),
    /// A field that its sibling makes meaningless.
    #[error("{0}")]
    Contradiction(String),
    /// The text is no recipe: syntax, a wrong type, an unknown key.
    #[error("this is not a recipe: {0}")]
    Syntax(String),
}

impl RecipeError {
    /// The stable code that users and programs see.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OutOfRange { .. } => "recipe-out-of-range",
            Self::NoStyle => "recipe-without-style",
            Self::NoWeight(_) => "recipe-without-weight",
            Self::Contradiction(_) => "recipe-contradiction",
            Self::Syntax(_) => "recipe-syntax",
        }
    }
}

/// Refuses a number that is outside `least..=most` or no number at all.
pub(crate) fn within(field: &'static str, value: f64, least: f64, most: f64) -> Result<(), RecipeError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(RecipeError::OutOfRange {
            field,
            value,
            least,
            most,
        })
    }
}
