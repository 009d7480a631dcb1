//! As much of XML as answers need: elements and their text. Attributes are passed over; nobody here looks at them.

use std::borrow::Cow;

use aws_sdk_s3::error::BoxError;

const TOO_SOON: &str = "it ends too soon";

/// Where a document is being read.
pub(super) struct Xml<'a> {
    rest: &'a str,
    /// The elements that are open, from the root on.
    open: Vec<&'a str>,
    /// The last of them was `<so/>`, and has nothing in it.
    is_empty: bool,
}

impl<'a> Xml<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self {
            rest: document,
            open: Vec::new(),
            is_empty: false,
        }
    }

    /// Enters the next element of the one that is open; leaves that one where there is none, and says `None`.
    pub(super) fn enter(&mut self) -> Result<Option<&'a str>, BoxError> {
        loop {
            match self.part()? {
                Part::Start(name) => return Ok(Some(name)),
                Part::End => return Ok(None),
                Part::Text(_) | Part::Raw(_) => {}
            }
        }
    }

    /// The text of the element that is open, without that of elements in it; leaves it.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, BoxError> {
        let mut text = Cow::Borrowed("");
        loop {
            let more = match self.part()? {
                Part::Start(_) => {
                    self.leave()?;
                    continue;
                }
                Part::End => return Ok(text),
                Part::Text(part) => decoded(part)?,
                Part::Raw(part) => Cow::Borrowed(part),
            };
            match text.is_empty() {
                true => text = more,
                false => text.to_mut().push_str(&more),
            }
        }
    }

    /// Leaves the element that is open, whatever is in it.
    pub(super) fn leave(&mut self) -> Result<(), BoxError> {
        let within = self.open.len();
        while self.open.len() >= within {
            self.part()?;
        }
        Ok(())
    }

    /// What comes next. This runs a dozen times for each object of millions, hence by bytes.
    fn part(&mut self) -> Result<Part<'a>, BoxError> {
        if std::mem::take(&mut self.is_empty) {
            self.open.pop();
            return Ok(Part::End);
        }
        loop {
            let at = memchr::memchr(b'<', self.rest.as_bytes()).ok_or(TOO_SOON)?;
            if at > 0 {
                let (text, rest) = self.rest.split_at(at);
                self.rest = rest;
                return Ok(Part::Text(text));
            }
            let markup = &self.rest[1..];
            match markup.as_bytes().first().ok_or(TOO_SOON)? {
                b'/' => return self.end(&markup[1..]).map(|()| Part::End),
                b'?' => drop(self.upto(markup, "?>")?),
                b'!' => match markup.strip_prefix("![CDATA[") {
                    Some(raw) => return self.upto(raw, "]]>").map(Part::Raw),
                    None => drop(self.upto(markup.strip_prefix("!--").ok_or("<! is unknown")?, "-->")?),
                },
                _ => return self.start(markup).map(Part::Start),
            }
        }
    }

    /// Enters an element whose name and attributes stand here.
    fn start(&mut self, markup: &'a str) -> Result<&'a str, BoxError> {
        let (bytes, mut end) = (markup.as_bytes(), 0);
        // Between quotes `>` is a character like others.
        loop {
            end += memchr::memchr3(b'>', b'"', b'\'', &bytes[end..]).ok_or(TOO_SOON)?;
            match bytes[end] {
                b'>' => break,
                quote => end += 2 + memchr::memchr(quote, &bytes[end + 1..]).ok_or(TOO_SOON)?,
            }
        }
        self.rest = &markup[end + 1..];
        self.is_empty = bytes[..end].ends_with(b"/");
        let ends_name = |byte: &u8| *byte == b'/' || byte.is_ascii_whitespace();
        let name = &markup[..bytes[..end].iter().position(ends_name).unwrap_or(end)];
        self.open.push(name);
        Ok(name)
    }

    /// Leaves the element whose name stands here.
    fn end(&mut self, markup: &'a str) -> Result<(), BoxError> {
        let end = memchr::memchr(b'>', markup.as_bytes()).ok_or(TOO_SOON)?;
        self.rest = &markup[end + 1..];
        let name = &markup[..end];
        match self.open.pop() {
            Some(open) if open == name.trim_ascii_end() => Ok(()),
            open => Err(format!("</{name}> stands where {} should end", open.unwrap_or("nothing")).into()),
        }
    }

    /// What stands here before `end`; goes on behind that.
    fn upto(&mut self, here: &'a str, end: &str) -> Result<&'a str, BoxError> {
        let (before, behind) = here.split_once(end).ok_or(TOO_SOON)?;
        self.rest = behind;
        Ok(before)
    }
}

enum Part<'a> {
    Start(&'a str),
    End,
    Text(&'a str),
    /// Text in which nothing stands for anything else.
    Raw(&'a str),
}

/// Text with the characters that `&…;` stand for.
fn decoded(text: &str) -> Result<Cow<'_, str>, BoxError> {
    let Some((plain, mut rest)) = text.split_once('&') else {
        return Ok(Cow::Borrowed(text));
    };
    let mut decoded = String::with_capacity(text.len());
    decoded.push_str(plain);
    loop {
        let (entity, behind) = rest.split_once(';').ok_or("an & without its ;")?;
        decoded.push(character(entity).ok_or_else(|| format!("&{entity}; is unknown"))?);
        match behind.split_once('&') {
            Some((plain, more)) => {
                decoded.push_str(plain);
                rest = more;
            }
            None => {
                decoded.push_str(behind);
                return Ok(Cow::Owned(decoded));
            }
        }
    }
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(document: &str) -> Result<String, String> {
        let mut xml = Xml::new(document);
        xml.enter().map_err(|error| error.to_string())?;
        Ok(xml.text().map_err(|error| error.to_string())?.into_owned())
    }

    #[test]
    fn text_is_what_its_characters_stand_for() {
        for (document, text) in [
            ("<a>plain</a>", "plain"),
            ("<a/>", ""),
            ("<a ></a >", ""),
            ("<?xml version='1.0'?>\n<!-- > --><a b='>' c=\"/>\">d</a>", "d"),
            (
                "<a>1 &lt; 2 &amp;&amp; &#52; &gt; &#x33;&apos;&quot;</a>",
                "1 < 2 && 4 > 3'\"",
            ),
            ("<a>&amp;lt;<![CDATA[<b>&amp;]]>]]&gt;</a>", "&lt;<b>&amp;]]>"),
            ("<a>b<!-- c --><?d?>e<f g='1'>h<i/></f>j</a>", "bej"),
            ("<a>&#xFC;ü日</a>", "üü日"),
        ] {
            assert_eq!(text_of(document).as_deref(), Ok(text), "{document}");
        }
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for document in [
            "",
            "<",
            "<a",
            "<a b='>",
            "<a>",
            "<a>b",
            "<a>b</a",
            "<a><b></a>",
            "</a>",
            "<a>&",
            "<a>&b</a>",
            "<a>&nbsp;</a>",
            "<a>&#xD800;</a>",
            "<a>&#;</a>",
            "<a><![CDATA[b]]</a>",
            "<a><!-- </a>",
        ] {
            assert!(text_of(document).is_err(), "{document}");
        }
    }

    #[test]
    fn elements_are_entered_one_after_the_other() {
        let mut xml = Xml::new("<a> <b>1</b> text <c><d/><e>2</e></c><f/></a>");
        assert_eq!(xml.enter().unwrap(), Some("a"));
        assert_eq!((xml.enter().unwrap(), xml.text().unwrap().as_ref()), (Some("b"), "1"));
        assert_eq!(xml.enter().unwrap(), Some("c"));
        xml.leave().unwrap();
        assert_eq!((xml.enter().unwrap(), xml.enter().unwrap()), (Some("f"), None));
        assert_eq!(xml.enter().unwrap(), None);
    }
}
