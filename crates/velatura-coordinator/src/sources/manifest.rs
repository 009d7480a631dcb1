//! Photos that a list names, read line by line in bounded memory however long it is.

mod csv;
mod entry;
mod inventory;
mod json;
mod lines;

use velatura_objects::Location;

use self::csv::Columns;
use self::entry::Entry;
use self::inventory::Inventory;
use self::lines::{Lines, Text};
use super::place::Line;
use super::{Found, Trouble, spoken};
use crate::context::Context;
use crate::submission::{Format, Manifest, Submission};

/// A manifest that is being read, at a line.
pub(super) struct Reader {
    syntax: Syntax,
    lines: Lines,
    /// Which of an inventory's files it is in.
    file: usize,
    /// Lines read of it.
    number: u64,
    /// The version of the manifest itself.
    version: String,
}

enum Syntax {
    Csv(Columns),
    JsonLines,
    Inventory(Inventory),
}

impl Reader {
    /// Opens a manifest at its start, or where another reader was; that it has changed meanwhile is trouble.
    pub(super) async fn open(context: &Context, manifest: &Manifest, at: &Line) -> Result<Self, Trouble> {
        let Line { file, offset, .. } = *at;
        let (syntax, mut lines, version) = match manifest.format {
            Format::Inventory => {
                let inventory = Inventory::read(context, &manifest.location).await?;
                let lines = Lines::open(context, inventory.file(file)?).await?;
                let version = inventory.version.clone();
                (Syntax::Inventory(inventory), lines, version)
            }
            Format::JsonLines => {
                let lines = Lines::open(context, &manifest.location).await?;
                let version = lines.version().to_owned();
                (Syntax::JsonLines, lines, version)
            }
            Format::Csv => {
                let mut lines = Lines::open(context, &manifest.location).await?;
                let version = lines.version().to_owned();
                let columns = match lines.next().await? {
                    Some(Text::Line(header)) => Columns::of(header),
                    Some(Text::Broken(why)) => Err(why.to_owned()),
                    None => Err("the manifest is empty".to_owned()),
                };
                let columns = columns.map_err(|why| Trouble::last("manifest-without-columns", why))?;
                (Syntax::Csv(columns), lines, version)
            }
        };
        if !at.version.is_empty() && at.version != version {
            return Err(Trouble::last("manifest-changed", changed(&manifest.location)));
        }
        let mut number = u64::from(manifest.format == Format::Csv);
        if offset > lines.offset() {
            lines.skip_to(offset).await?;
            number = at.lines;
        }
        Ok(Self {
            syntax,
            lines,
            file,
            number,
            version,
        })
    }

    /// What the next so many lines name, and where the ones after them begin.
    pub(super) async fn page(
        &mut self,
        context: &Context,
        submission: &Submission,
        manifest: &Manifest,
        limit: usize,
    ) -> Result<(Vec<Found>, Option<Line>), Trouble> {
        let mut page = Vec::with_capacity(limit);
        for _ in 0..limit {
            let Some(text) = self.lines.next().await? else {
                match self.next_file(context).await? {
                    true => continue,
                    false => return Ok((page, None)),
                }
            };
            self.number += 1;
            let found = match text {
                Text::Line("") => Ok(None),
                Text::Line(line) => match self.syntax.entry(line) {
                    Ok(Some(entry)) => entry.found(context, submission, manifest),
                    Ok(None) => Ok(None),
                    Err(why) => Err((line.to_owned(), "manifest-line-invalid", why)),
                },
                Text::Broken(why) => Err((String::new(), "manifest-line-invalid", why.to_owned())),
            };
            match found {
                Ok(found) => page.extend(found),
                Err((text, code, why)) => {
                    let message = format!("line {} of {}: {why}", self.number, self.lines.location());
                    if manifest.refuses_bad_lines {
                        return Err(Trouble::last(code, message));
                    }
                    page.push(Found::bad(&text, code, message));
                }
            }
        }
        let next = Line {
            file: self.file,
            offset: self.lines.offset(),
            lines: self.number,
            version: self.version.clone(),
        };
        Ok((page, Some(next)))
    }

    /// Goes on with the next file of an inventory, if there is one.
    async fn next_file(&mut self, context: &Context) -> Result<bool, Trouble> {
        let Syntax::Inventory(inventory) = &self.syntax else {
            return Ok(false);
        };
        if self.file + 1 >= inventory.files() {
            return Ok(false);
        }
        self.file += 1;
        self.lines = Lines::open(context, inventory.file(self.file)?).await?;
        self.number = 0;
        Ok(true)
    }
}

impl Syntax {
    /// What a line names, if it names anything.
    fn entry<'a>(&self, line: &'a str) -> Result<Option<Entry<'a>>, String> {
        match self {
            Self::Csv(columns) => columns.entry(line).map(Some),
            Self::JsonLines => json::entry(line).map(Some),
            Self::Inventory(inventory) => inventory.entry(line),
        }
    }
}

fn changed(location: &Location) -> String {
    format!("its manifest {location} was changed while it was read: submit it as a new job, under a name that stays")
}

/// Refuses what is not read whole in any case.
fn check_size(context: &Context, location: &Location, bytes: u64) -> Result<(), Trouble> {
    let most = context.config.max_manifest_bytes;
    if bytes <= most {
        return Ok(());
    }
    let reason = format!(
        "its manifest {location} has {bytes} bytes, but at most {most} are read: divide it, or raise max_manifest_bytes"
    );
    Err(Trouble::last("manifest-too-large", reason))
}

/// What is wrong with the bytes of a manifest.
fn unreadable(format: Format, location: &Location, why: impl std::fmt::Display) -> Trouble {
    let reason = format!("its manifest {location} is no {}: {why}", spoken(format));
    Trouble::last("manifest-unreadable", reason)
}
