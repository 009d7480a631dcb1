use std::fmt;

/// Why a photo was not painted: a stable code and one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stable code.
    pub code: String,
    /// One sentence that names the thing and the remedy.
    pub message: String,
    /// What it means for the photo.
    pub kind: FaultKind,
}

/// What a fault means for the photo, and for the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// It will never go well: the photo or the recipe is the cause.
    Permanent,
    /// It may go well later: storage or memory is the cause.
    Transient,
    /// The device is lost: this process must end, the photo goes to another.
    Fatal,
}

impl Fault {
    /// A fault that no retry will mend.
    pub fn permanent(code: &str, message: impl fmt::Display) -> Self {
        Self {
            code: code.to_owned(),
            message: message.to_string(),
            kind: FaultKind::Permanent,
        }
    }

    /// A fault that may pass.
    pub fn transient(code: &str, message: impl fmt::Display) -> Self {
        Self {
            code: code.to_owned(),
            message: message.to_string(),
            kind: FaultKind::Transient,
        }
    }

    fn passing(transient: bool, code: &str, message: impl fmt::Display) -> Self {
        if transient {
            Self::transient(code, message)
        } else {
            Self::permanent(code, message)
        }
    }

    /// Says which part of an assignment it concerns.
    pub(crate) fn about(self, what: &str) -> Self {
        Self {
            message: format!("{what}: {}", self.message),
            ..self
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl From<velatura_objects::ObjectError> for Fault {
    fn from(error: velatura_objects::ObjectError) -> Self {
        Self::passing(error.is_transient(), error.code(), &error)
    }
}

impl From<velatura_image::DecodeError> for Fault {
    fn from(error: velatura_image::DecodeError) -> Self {
        Self::permanent(error.code(), &error)
    }
}

impl From<velatura_image::EncodeError> for Fault {
    fn from(error: velatura_image::EncodeError) -> Self {
        Self::permanent(error.code(), &error)
    }
}

impl From<velatura_engine::EngineError> for Fault {
    fn from(error: velatura_engine::EngineError) -> Self {
        use velatura_engine::EngineError as E;
        let kind = match &error {
            E::DeviceLost { .. } | E::Closed | E::Thread(_) | E::DeviceUnavailable { .. } => FaultKind::Fatal,
            E::Style(paint) if paint.is_permanent() => FaultKind::Permanent,
            E::Style(_) => FaultKind::Transient,
            E::Runtime(_) | E::Pack(_) => FaultKind::Permanent,
        };
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            kind,
        }
    }
}

impl From<velatura_engine::PaintError> for Fault {
    fn from(error: velatura_engine::PaintError) -> Self {
        Self::passing(!error.is_permanent(), error.code(), &error)
    }
}

impl From<velatura_recipe::RecipeError> for Fault {
    fn from(error: velatura_recipe::RecipeError) -> Self {
        Self::permanent(error.code(), &error)
    }
}

impl From<velatura_recipe::TemplateError> for Fault {
    fn from(error: velatura_recipe::TemplateError) -> Self {
        Self::permanent("template", &error)
    }
}
