use std::borrow::Cow;

use super::entry::Entry;

/// What the columns of a CSV file are, as its first line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns(Vec<Column>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Source,
    Key,
    VersionId,
    Mask,
    DepthMap,
    Other,
}

impl Columns {
    pub(super) fn of(header: &str) -> Result<Self, String> {
        let columns: Vec<Column> = fields(header)?
            .iter()
            .map(|name| match name.trim().to_ascii_lowercase().as_str() {
                "source" => Column::Source,
                "key" => Column::Key,
                "version_id" => Column::VersionId,
                "mask" => Column::Mask,
                "depth_map" => Column::DepthMap,
                _ => Column::Other,
            })
            .collect();
        if !columns
            .iter()
            .any(|column| matches!(column, Column::Source | Column::Key))
        {
            return Err(format!(
                "the manifest's first line is {header:?}, but must name its columns, among them source or key: \
                 source,version_id,mask,depth_map"
            ));
        }
        let twice = |column: &Column| *column != Column::Other && columns.iter().filter(|c| *c == column).count() > 1;
        match columns.iter().any(twice) {
            true => Err(format!("the manifest's first line {header:?} names a column twice")),
            false => Ok(Self(columns)),
        }
    }

    pub(super) fn entry<'a>(&self, line: &'a str) -> Result<Entry<'a>, String> {
        let fields = fields(line)?;
        if fields.len() != self.0.len() {
            return Err(format!(
                "it has {} fields, but the first line names {} columns: quote fields with commas",
                fields.len(),
                self.0.len()
            ));
        }
        let mut entry = Entry::default();
        for (field, column) in fields.into_iter().zip(&self.0) {
            match column {
                Column::Source => entry.source = field,
                Column::Key => entry.key = field,
                Column::VersionId => entry.version_id = field,
                Column::Mask => entry.mask = field,
                Column::DepthMap => entry.depth_map = field,
                Column::Other => {}
            }
        }
        Ok(entry)
    }
}

/// The fields of a line after RFC 4180, but for line breaks in fields: with those, one stray quote would swallow all that
/// follows.
pub(super) fn fields(line: &str) -> Result<Vec<Cow<'_, str>>, String> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(fields),
            None => return Err("text follows a closing quote".to_owned()),
        }
    }
}

/// A field up to its closing quote, and what follows.
fn unquoted(quoted: &str) -> Result<(Cow<'_, str>, &str), String> {
    let mut field = Cow::Borrowed("");
    let mut rest = quoted;
    loop {
        let end = rest
            .find('"')
            .ok_or("a quote is not closed; a key with a line break in it can be given in JSON Lines")?;
        match field.is_empty() {
            true => field = Cow::Borrowed(&rest[..end]),
            false => field.to_mut().push_str(&rest[..end]),
        }
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                field.to_mut().push('"');
                rest = more;
            }
            None => return Ok((field, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_spreadsheets_write_them() {
        for (line, wanted) in [
            ("a,b", vec!["a", "b"]),
            ("", vec![""]),
            ("a,", vec!["a", ""]),
            (r#""a,b",c"#, vec!["a,b", "c"]),
            (r#""say ""hi""",x"#, vec![r#"say "hi""#, "x"]),
            (r#""""#, vec![""]),
            (r#""""""#, vec!["\""]),
            (r#"a"b,c"#, vec![r#"a"b"#, "c"]),
            ("a b+c%20/ü 日本.jpg,", vec!["a b+c%20/ü 日本.jpg", ""]),
        ] {
            assert_eq!(fields(line).unwrap(), wanted, "{line}");
        }
        for line in [r#""a"#, r#""a"b,c"#, r#"x,"a""#.trim_end_matches('"')] {
            assert!(fields(line).is_err(), "{line}");
        }
    }

    #[test]
    fn columns_are_known_by_name_in_any_order() {
        let columns = Columns::of("note, Version_ID,SOURCE").unwrap();
        let entry = columns.entry("x,v1,s3://b/a.jpg").unwrap();
        assert_eq!(
            (&*entry.source, &*entry.version_id, &*entry.key),
            ("s3://b/a.jpg", "v1", "")
        );
        assert!(columns.entry("x,v1").unwrap_err().contains("2 fields"));
    }

    #[test]
    fn a_file_without_columns_is_told_how_to_begin() {
        let error = Columns::of("s3://b/a.jpg").unwrap_err();
        assert!(error.contains("source or key"), "{error}");
        assert!(Columns::of("source,mask,source").unwrap_err().contains("twice"));
    }
}
