use std::fmt;
use std::str::FromStr;

/// Where a photo's result goes, or where its mask or depth map lies: text with placeholders.
///
/// `{path}` is the photo's folder below the source (empty at the top), `{stem}` its name without extension, `{name}`
/// with it, `{style}` the recipe's label, `{ext}` the result's extension. `{{` and `}}` are single braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Path,
    Stem,
    Name,
    Style,
    Ext,
}

/// A photo as a template sees it: its key below the source, parts joined by `/`.
#[derive(Debug, Clone, Copy)]
pub struct Photo<'a> {
    /// The key below the source's root, such as `2024/june/beach.jpg`.
    pub key: &'a str,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder nobody knows.
    #[error(
        "the template {template:?} has the unknown placeholder {{{placeholder}}}: use path, stem, name, style or ext"
    )]
    Unknown {
        /// The whole template.
        template: String,
        /// What stood between the braces.
        placeholder: String,
    },
    /// A brace that is not closed.
    #[error("the template {0:?} has a brace that is not closed")]
    Unclosed(String),
    /// Every photo would be written to the same place.
    #[error("the template {0:?} needs {{stem}} or {{name}}, else all photos would be written to one place")]
    WithoutStem(String),
}

impl Template {
    /// Where results go unless the user says otherwise.
    pub const DEFAULT: &str = "{path}/{stem}.{style}.{ext}";

    /// A template of output names, which must tell photos apart.
    pub fn for_outputs(text: &str) -> Result<Self, TemplateError> {
        let template: Self = text.parse()?;
        if template.parts.iter().any(|p| matches!(p, Part::Stem | Part::Name)) {
            Ok(template)
        } else {
            Err(TemplateError::WithoutStem(text.to_owned()))
        }
    }

    /// The template that means just this text.
    pub fn literal(text: &str) -> String {
        text.replace('{', "{{").replace('}', "}}")
    }

    /// Fills in the placeholders. Where a photo lies in no folder, `{path}` leaves no slash behind; in a folder without
    /// a name it does, so that `a.jpg` and `/a.jpg` stay apart.
    pub fn fill(&self, photo: Photo<'_>, style: &str, ext: &str) -> String {
        let mut out = String::with_capacity(self.text.len() + photo.key.len());
        let mut after_nothing = false;
        for part in &self.parts {
            match part {
                Part::Text(text) if after_nothing => out.push_str(text.strip_prefix('/').unwrap_or(text)),
                Part::Text(text) => out.push_str(text),
                Part::Path => out.push_str(photo.path().unwrap_or_default()),
                Part::Stem => out.push_str(photo.stem()),
                Part::Name => out.push_str(photo.name()),
                Part::Style => out.push_str(style),
                Part::Ext => out.push_str(ext),
            }
            let nothing = *part == Part::Path && photo.path().is_none();
            after_nothing = nothing && (out.is_empty() || out.ends_with('/'));
        }
        out
    }
}

/// Extensions that make an object of a folder or prefix a photo. Some can't be read yet: those are refused with a code
/// rather than passed over in silence.
const EXTENSIONS: [&str; 11] = [
    "jpg", "jpeg", "jpe", "png", "webp", "tif", "tiff", "gif", "avif", "heic", "heif",
];

impl<'a> Photo<'a> {
    /// Whether its name is a photo's, in any case of letters. A name that is nothing but an ending is a hidden file.
    pub fn is_named_as_photo(self) -> bool {
        self.name().rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty() && EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// The extensions that [`is_named_as_photo`](Self::is_named_as_photo) knows, for a sentence.
    pub fn known_extensions() -> String {
        EXTENSIONS.join(", ")
    }

    fn name(self) -> &'a str {
        self.key.rsplit('/').next().unwrap_or(self.key)
    }

    fn stem(self) -> &'a str {
        match self.name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.name(),
        }
    }

    fn path(self) -> Option<&'a str> {
        Some(self.key.rsplit_once('/')?.0)
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let (mut rest, mut plain) = (text, String::new());
        while let Some(open) = rest.find(['{', '}']) {
            let brace = &rest[open..=open];
            plain.push_str(&rest[..open]);
            if brace == "}" || rest[open + 1..].starts_with(brace) {
                plain.push_str(brace);
                rest = &rest[open + 1..];
                rest = rest.strip_prefix(brace).unwrap_or(rest);
                continue;
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            let close = rest[open..]
                .find('}')
                .ok_or_else(|| TemplateError::Unclosed(text.to_owned()))?
                + open;
            parts.push(match &rest[open + 1..close] {
                "path" => Part::Path,
                "stem" => Part::Stem,
                "name" => Part::Name,
                "style" => Part::Style,
                "ext" => Part::Ext,
                other => {
                    return Err(TemplateError::Unknown {
                        template: text.to_owned(),
                        placeholder: other.to_owned(),
                    });
                }
            });
            rest = &rest[close + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self {
            parts,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
