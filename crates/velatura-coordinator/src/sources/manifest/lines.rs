use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use memchr::memchr;
use velatura_objects::{Location, ObjectStore};

use super::{Trouble, changed, check_size};
use crate::context::Context;

/// So much is fetched at a time.
const PIECE_BYTES: u64 = 4 << 20;
/// So much is unpacked at a time: gzip makes at most a thousand times as much of it.
const PACKED_BYTES: usize = 4 << 10;
/// And so much is enough for now.
const ENOUGH_BYTES: usize = 256 << 10;
/// The longest line.
const LINE_BYTES: usize = 64 << 10;

/// A text in object storage, line by line. It is fetched in pieces, each a request of its own, so that no connection waits
/// for whoever reads; and unpacked as it comes if it begins like gzip.
pub(super) struct Lines {
    store: Arc<dyn ObjectStore>,
    key: String,
    location: Location,
    version: String,
    size: u64,
    /// Bytes fetched.
    fetched: u64,
    /// What is fetched and not yet unpacked.
    packed: Bytes,
    unpack: Option<MultiGzDecoder<Vec<u8>>>,
    text: Vec<u8>,
    /// Where in it the next line begins, and how far it has been looked for the line's end.
    start: usize,
    scanned: usize,
    /// Bytes before the next line, unpacked.
    offset: u64,
    /// The line that is being read has grown too long to be kept.
    too_long: bool,
}

/// What a line turned out to be.
pub(super) enum Text<'a> {
    /// Without its end.
    Line(&'a str),
    /// No text, or too much of it.
    Broken(&'static str),
}

impl Lines {
    pub(super) async fn open(context: &Context, location: &Location) -> Result<Self, Trouble> {
        let (store, key) = context.stores.open(location).map_err(Trouble::of_manifest)?;
        let meta = store.head(&key).await.map_err(Trouble::of_manifest)?;
        check_size(context, location, meta.size_bytes)?;
        let mut lines = Self {
            store,
            key,
            location: location.clone(),
            version: meta.version,
            size: meta.size_bytes,
            fetched: 0,
            packed: Bytes::new(),
            unpack: None,
            text: Vec::new(),
            start: 0,
            scanned: 0,
            offset: 0,
            too_long: false,
        };
        lines.fetch().await?;
        if lines.packed.starts_with(&[0x1f, 0x8b]) {
            lines.unpack = Some(MultiGzDecoder::new(Vec::new()));
        }
        lines.more().await?;
        if lines.text.starts_with("\u{feff}".as_bytes()) {
            (lines.start, lines.scanned, lines.offset) = (3, 3, 3);
        }
        Ok(lines)
    }

    pub(super) fn location(&self) -> &Location {
        &self.location
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Bytes before the next line, unpacked.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on at a line that begins later. What is packed has to be unpacked up to there.
    pub(super) async fn skip_to(&mut self, offset: u64) -> Result<(), Trouble> {
        loop {
            let ahead = offset - self.offset;
            let here = (self.text.len() - self.start) as u64;
            if ahead <= here {
                self.start += ahead as usize;
                break;
            }
            if self.unpack.is_none() {
                (self.fetched, self.packed) = (offset.min(self.size), Bytes::new());
                self.text.clear();
                self.start = 0;
                break;
            }
            self.offset += here;
            self.start = self.text.len();
            if !self.more().await? {
                return Err(Trouble::last("manifest-changed", changed(&self.location)));
            }
        }
        self.offset = offset;
        self.scanned = self.start;
        Ok(())
    }

    /// The next line; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Text<'_>>, Trouble> {
        let end = loop {
            if let Some(at) = memchr(b'\n', &self.text[self.scanned..]) {
                break self.scanned + at;
            }
            self.scanned = self.text.len();
            if self.scanned - self.start > LINE_BYTES {
                self.too_long = true;
                self.offset += (self.scanned - self.start) as u64;
                self.start = self.scanned;
            }
            if !self.more().await? {
                if self.start == self.text.len() && !self.too_long {
                    return Ok(None);
                }
                break self.text.len();
            }
        };
        let line = self.start..end;
        let after = self.text.len().min(end + 1);
        self.offset += (after - self.start) as u64;
        (self.start, self.scanned) = (after, after);
        if std::mem::take(&mut self.too_long) || line.len() > LINE_BYTES {
            return Ok(Some(Text::Broken("it has more than 65536 bytes")));
        }
        Ok(Some(match std::str::from_utf8(&self.text[line]) {
            Ok(line) => Text::Line(line.strip_suffix('\r').unwrap_or(line)),
            Err(_) => Text::Broken("it is not UTF-8"),
        }))
    }

    /// Brings more text; false at the end.
    async fn more(&mut self) -> Result<bool, Trouble> {
        self.text.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        let before = self.text.len();
        while self.text.len() < before + ENOUGH_BYTES {
            if self.packed.is_empty() && !self.fetch().await? {
                if let Some(unpack) = &mut self.unpack {
                    let ended = unpack.try_finish();
                    ended.map_err(|error| broken(&self.location, &error))?;
                    self.text.append(unpack.get_mut());
                }
                break;
            }
            match &mut self.unpack {
                Some(unpack) => {
                    let some = self.packed.split_to(self.packed.len().min(PACKED_BYTES));
                    let written = unpack.write_all(&some);
                    written.map_err(|error| broken(&self.location, &error))?;
                    self.text.append(unpack.get_mut());
                }
                None => self.text.extend_from_slice(&std::mem::take(&mut self.packed)),
            }
        }
        Ok(self.text.len() > before)
    }

    /// Fetches the next piece; false at the end.
    async fn fetch(&mut self) -> Result<bool, Trouble> {
        if self.fetched >= self.size {
            return Ok(false);
        }
        let length = PIECE_BYTES.min(self.size - self.fetched);
        let piece = self.store.read(&self.key, self.fetched, length).await;
        let piece = piece.map_err(Trouble::of_manifest)?;
        if piece.meta.version != self.version || piece.body.is_empty() {
            return Err(Trouble::last("manifest-changed", changed(&self.location)));
        }
        self.fetched += piece.body.len() as u64;
        self.packed = piece.body;
        Ok(true)
    }
}

fn broken(location: &Location, error: &std::io::Error) -> Trouble {
    let reason = format!("its manifest {location} is broken gzip: {error}; write it again");
    Trouble::last("manifest-unreadable", reason)
}
