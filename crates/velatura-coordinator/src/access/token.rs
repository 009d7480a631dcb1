use std::fmt::Write as _;

/// A key's two parts, as a client sends them: `vel_<id>_<secret>`.
///
/// The id is public and finds the record. The secret is 256 random bits, of which only blake3's hash is kept: nobody can
/// try out so many, so that a hash made slow for passwords would protect nothing and cost every request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) id: String,
    secret: String,
}

const PREFIX: &str = "vel_";

impl Token {
    pub(crate) fn random() -> Self {
        let (id, secret): ([u8; 8], [u8; 32]) = rand::random();
        Self {
            id: hex(&id),
            secret: hex(&secret),
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_hex = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
        (is_hex(id, 16) && is_hex(secret, 64)).then(|| Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// What is kept of the secret.
    pub(crate) fn hash(&self) -> String {
        blake3::hash(self.secret.as_bytes()).to_hex().to_string()
    }

    /// Whether this is the secret that a hash was made of; takes the same time whatever the answer.
    pub(crate) fn matches(&self, hash: &str) -> bool {
        blake3::Hash::from_hex(hash).is_ok_and(|known| known == blake3::hash(self.secret.as_bytes()))
    }

    /// The whole key. There is no `Display`, so that none is logged by accident.
    pub(crate) fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_made_and_known_by_its_hash() {
        let token = Token::random();
        let read = Token::parse(&token.reveal()).unwrap();
        assert!(read == token && read.matches(&token.hash()));
        assert!(!read.matches(&Token::random().hash()) && !read.matches("") && !read.matches("zz"));
        assert!(!token.hash().contains(&token.secret));
    }

    #[test]
    fn what_has_another_form_is_no_key() {
        let good = Token::random().reveal();
        for bad in [
            "",
            "vel_",
            "vel__",
            &good[4..],
            &good[..good.len() - 1],
            &format!("{good}0"),
            &good.replace('_', "-"),
        ] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }
}
