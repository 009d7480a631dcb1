use serde::{Deserialize, Serialize};

use super::NamedRecipe;

/// How two photos of one job could be given the same output, which decides what it takes to find them in a listing of
/// millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alike {
    /// Not at all: the template keeps the folder and the whole name, and a listing names nothing twice.
    Never,
    /// Only in one folder with one stem, as `a.jpg` and `a.png`: [`OpenStems`] finds them.
    SameStem,
    /// Anywhere, as for `{stem}.{ext}` over many folders: the ledger keeps the outputs that are taken.
    Anywhere,
}

impl Alike {
    /// Cautious: what is not plain to see is `Anywhere`.
    pub(super) fn of(template: &str, recipes: &[NamedRecipe]) -> Self {
        let parts = || template.split('/');
        let names = template.matches("{name}").count();
        let stems = template.matches("{stem}").count();
        // With `{path}` as a part of its own and the name in another, the number of parts tells them apart.
        let keeps_folder = parts().any(|part| part == "{path}") && template.matches("{path}").count() == 1;
        if !keeps_folder || names + stems != 1 || !labels_stay_apart(recipes) {
            Self::Anywhere
        } else if names == 1 {
            Self::Never
        } else {
            Self::SameStem
        }
    }
}

/// Whether no label can be taken for another with a bit of a photo's name before or after it.
fn labels_stay_apart(recipes: &[NamedRecipe]) -> bool {
    let overlap = |a: &str, b: &str| a.starts_with(b) || a.ends_with(b);
    recipes.iter().enumerate().all(|(i, one)| {
        let others = recipes.iter().enumerate().filter(|(j, _)| *j != i);
        others.into_iter().all(|(_, other)| !overlap(&one.label, &other.label))
    })
}

/// Finds photos of one folder and stem in a listing in byte order, in a few hundred bytes however long the listing is.
///
/// All keys that begin with `folder/stem.` follow each other in byte order. So a stem needs to be remembered only until
/// a key comes that does not begin with it and a dot; the stems remembered at any time are prefixes of each other. It is
/// part of the expansion's cursor, so that a page boundary or a restart in between changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct OpenStems(Vec<String>);

impl OpenStems {
    /// Whether nothing has to be remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the next key of the listing; gives the earlier one with the same folder and stem, if there is one.
    pub(crate) fn meet(&mut self, key: &str) -> Option<String> {
        let mut closed = None;
        while self.0.last().is_some_and(|open| !begins_with_stem(key, stem(open))) {
            closed = self.0.pop();
        }
        match self.0.last() {
            Some(open) if stem(open) == stem(key) => Some(open.clone()),
            _ => {
                // Almost every key closes one stem and opens another, and takes its memory.
                let mut open = closed.unwrap_or_default();
                key.clone_into(&mut open);
                self.0.push(open);
                None
            }
        }
    }
}

fn begins_with_stem(key: &str, stem: &str) -> bool {
    key.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.'))
}

/// Folder and stem of a key that has an extension.
fn stem(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipes(labels: &[&str]) -> Vec<NamedRecipe> {
        let named = |label: &&str| NamedRecipe {
            label: (*label).to_owned(),
            extension: "jpg",
            wire: Default::default(),
        };
        labels.iter().map(named).collect()
    }

    #[test]
    fn the_template_decides_what_can_be_alike() {
        let one = recipes(&["waves"]);
        for (template, alike) in [
            ("{path}/{stem}.{style}.{ext}", Alike::SameStem),
            ("{style}/{path}/{stem}.{ext}", Alike::SameStem),
            ("{path}/painted/{name}.{ext}", Alike::Never),
            ("{stem}.{ext}", Alike::Anywhere),
            ("{name}.{ext}", Alike::Anywhere),
            ("{path}-{stem}.{ext}", Alike::Anywhere),
        ] {
            assert_eq!(Alike::of(template, &one), alike, "{template}");
        }
    }

    #[test]
    fn labels_that_overlap_need_more_care() {
        let template = "{path}/{stem}.{style}.{ext}";
        assert_eq!(Alike::of(template, &recipes(&["waves", "dunes"])), Alike::SameStem);
        assert_eq!(
            Alike::of(template, &recipes(&["night", "starry.night"])),
            Alike::Anywhere
        );
    }

    #[test]
    fn one_stem_is_found_however_much_lies_between() {
        let mut keys: Vec<String> = (0..5000).map(|i| format!("f/a.k{i:04}.jpg")).collect();
        keys.extend(
            [
                "f/a.jpg",
                "f/a.png",
                "f/b.jpg",
                "f/a",
                "g/a.jpg",
                "f/a/b.jpg",
                "f/a.m/x.jpg",
            ]
            .map(str::to_owned),
        );
        keys.retain(|key| key.contains('.'));
        keys.sort();
        let mut open = OpenStems::default();
        let met: Vec<_> = keys
            .iter()
            .filter_map(|key| Some((open.meet(key)?, key.as_str())))
            .collect();
        assert_eq!(met, [("f/a.jpg".to_owned(), "f/a.png")]);
        assert!(open.0.len() <= 2, "{open:?}");
    }
}
