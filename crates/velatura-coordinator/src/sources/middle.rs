//! A place between two keys, to divide what lies between them.

/// A text between `after` and `until` (which may be the end of everything that begins with `prefix`), where keys may be
/// divided without parting any two of one folder and stem: those begin alike up to a dot, and it has none. `None` where
/// this can't find one.
pub(super) fn middle(prefix: &str, after: Option<&str>, until: Option<&str>) -> Option<String> {
    let low = after.and_then(|after| after.strip_prefix(prefix)).unwrap_or_default();
    let high = until.and_then(|until| until.strip_prefix(prefix));
    let middle = between(low, high)?;
    let place = format!("{prefix}{middle}");
    let is_between = after.is_none_or(|after| *place > *after) && until.is_none_or(|until| *place < *until);
    (is_between && !middle.contains('.') && place.len() <= 1024).then_some(place)
}

/// Halves the first character at which the two differ by more than one, in the order of UTF-8, which is that of code
/// points.
fn between(low: &str, high: Option<&str>) -> Option<String> {
    const SPACE: u32 = 0x20;
    const AFTER_ASCII: u32 = 0x7f;
    const AFTER_ALL: u32 = 0x11_0000;
    let mut alike = String::new();
    let (mut low, mut high) = (low.chars(), high.map(str::chars));
    loop {
        let least = low.next();
        let most = high.as_mut().map(|high| high.next().map_or(0, u32::from));
        let from = least.map_or(SPACE - 1, u32::from);
        // Almost all keys are ASCII: half of all characters is not half of the keys.
        let to = most.unwrap_or(if from < AFTER_ASCII - 1 { AFTER_ASCII } else { AFTER_ALL });
        if to > from + 1 {
            let half = from + (to - from) / 2;
            // There are no characters where UTF-16 has its surrogates.
            let half = char::from_u32(half).or_else(|| char::from_u32(0xe000).filter(|c| u32::from(*c) < to))?;
            alike.push(half);
            return Some(alike);
        }
        alike.push(least?);
        if most != least.map(u32::from) {
            high = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_lies_between() {
        for (after, until) in [
            (None, None),
            (Some("a"), None),
            (Some("a"), Some("b")),
            (Some("IMG_0001"), Some("IMG_0002")),
            (Some("2024/01/x"), Some("2024/02")),
            (Some("x~~~"), Some("y")),
            (Some("日本"), None),
            (Some("\u{d7ff}"), Some("\u{e001}")),
            (Some("a b+c%20/ü"), Some("a c")),
        ] {
            let middle = middle("", after, until).unwrap_or_else(|| panic!("{after:?} {until:?}"));
            assert!(
                after.is_none_or(|after| middle.as_str() > after),
                "{after:?} {middle:?}"
            );
            assert!(
                until.is_none_or(|until| middle.as_str() < until),
                "{middle:?} {until:?}"
            );
        }
    }

    #[test]
    fn it_begins_with_the_prefix() {
        assert!(
            middle("photos/", Some("photos/a"), None)
                .unwrap()
                .starts_with("photos/")
        );
        assert!(middle("photos/", None, None).unwrap().starts_with("photos/"));
    }

    #[test]
    fn nothing_is_divided_behind_a_dot() {
        assert_eq!(middle("", Some("a.1"), Some("a.5")), None);
        assert_eq!(middle("", Some("a"), Some("a ")), None);
    }

    #[test]
    fn halving_again_and_again_comes_close_to_any_key() {
        let key = "2024/06/IMG_4711";
        let (mut after, mut until) = (None::<String>, None::<String>);
        let mut steps = 0;
        while let Some(place) = middle("", after.as_deref(), until.as_deref()) {
            match place.as_str() < key {
                true => after = Some(place),
                false => until = Some(place),
            }
            steps += 1;
            if after
                .as_deref()
                .is_some_and(|after| after.starts_with("2024/06/IMG_471"))
            {
                break;
            }
        }
        assert!(steps < 150, "{steps}: {after:?} {until:?}");
    }
}
