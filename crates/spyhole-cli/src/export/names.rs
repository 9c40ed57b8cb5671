//! Names of files that every operating system takes, for whatever layers are called.

use std::collections::{BTreeMap, HashSet};

/// Longest name that is made of a layer's.
const LONGEST: usize = 60;

/// Names that Windows keeps for devices, also with an extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin", "conout"];

/// A name for files and folders, made of any text: letters, digits, `.`, `_` and `-`, at most 60 of them, no name
/// that means something to an operating system. Different texts may give the same name.
fn safe(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let mut name: String =
        text.chars().take(LONGEST).map(|c| if allowed(c) { c } else { '_' }).collect();
    if name.is_empty() || name.starts_with(['.', '-']) {
        name.insert(0, '_');
    }
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |port: &str| {
        stem.strip_prefix(port).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") {
        name.insert(0, '_');
    }
    if name.ends_with('.') {
        name.push('_');
    }
    name
}

/// The folders of the layers: one each, also on systems that do not tell capitals from small letters.
#[derive(Debug, Default)]
pub(super) struct Folders {
    by_layer: BTreeMap<String, String>,
    taken: HashSet<String>,
}

impl Folders {
    /// The layer's folder; the same whenever it is asked for.
    pub(super) fn of(&mut self, layer: &str) -> &str {
        if !self.by_layer.contains_key(layer) {
            let base = safe(layer);
            let numbered = (2..).map(|n| format!("{base}-{n}"));
            let free = std::iter::once(base.clone())
                .chain(numbered)
                .find(|name| !self.taken.contains(&name.to_ascii_lowercase()));
            let name = free.unwrap_or(base);
            self.taken.insert(name.to_ascii_lowercase());
            self.by_layer.insert(layer.to_owned(), name);
        }
        &self.by_layer[layer]
    }

    /// The layer's folder, if it has been asked for.
    pub(super) fn known(&self, layer: &str) -> Option<&str> {
        self.by_layer.get(layer).map(String::as_str)
    }
}

/// Paths of files, each used once.
#[derive(Debug, Default)]
pub(super) struct Paths(HashSet<String>);

impl Paths {
    /// `stem.extension`, or, if that is in use (an epoch was trained twice, a study made again), the same with the
    /// record's number.
    pub(super) fn take(&mut self, stem: &str, extension: &str, record: u64) -> String {
        let plain = format!("{stem}.{extension}");
        if self.0.insert(plain.to_ascii_lowercase()) {
            return plain;
        }
        let numbered = format!("{stem}-record-{record}.{extension}");
        self.0.insert(numbered.to_ascii_lowercase());
        numbered
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_safe_everywhere() {
        let long = "block.".repeat(100);
        for (layer, expected) in [
            ("conv1", "conv1"),
            ("blocks.0.conv1", "blocks.0.conv1"),
            ("Conv 3×3", "Conv_3_3"),
            ("", "_"),
            (".", "_._"),
            ("..", "_.._"),
            ("../../etc/passwd", "_.._.._etc_passwd"),
            ("a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j"),
            ("tab\tline\nzero\0", "tab_line_zero_"),
            ("CON", "_CON"),
            ("aux.conv", "_aux.conv"),
            ("COM1", "_COM1"),
            ("com10", "com10"),
            ("lpt9.weight", "_lpt9.weight"),
            ("trailing.", "trailing._"),
            ("trailing ", "trailing_"),
            ("-rf", "_-rf"),
            ("卷积", "__"),
            (long.as_str(), &format!("{}_", &long[..60])),
        ] {
            assert_eq!(safe(layer), expected, "{layer:?}");
        }
    }

    #[test]
    fn every_layer_has_its_own_folder_whatever_the_file_system_thinks_of_capitals() {
        let mut folders = Folders::default();
        let layers = ["conv", "Conv", "CONV", "a/b", "a_b", "conv-2", "卷", "积", "conv"];
        let names: Vec<_> = layers.map(|layer| folders.of(layer).to_owned()).into();
        assert_eq!(
            names,
            ["conv", "Conv-2", "CONV-3", "a_b", "a_b-2", "conv-2-2", "_", "_-2", "conv"]
        );
        assert_eq!(folders.known("Conv"), Some("Conv-2"));
        assert_eq!(folders.known("other"), None);
    }

    #[test]
    fn a_path_that_is_in_use_gets_the_record_number() {
        let mut paths = Paths::default();
        assert_eq!(paths.take("a/epoch-001", "png", 7), "a/epoch-001.png");
        assert_eq!(paths.take("A/epoch-001", "png", 9), "A/epoch-001-record-9.png");
        assert_eq!(paths.take("a/epoch-001", "json", 9), "a/epoch-001.json");
    }

    proptest! {
        #[test]
        fn any_two_layers_have_different_safe_folders(one in any::<String>(), other in any::<String>()) {
            let mut folders = Folders::default();
            let (a, b) = (folders.of(&one).to_owned(), folders.of(&other).to_owned());
            for name in [&a, &b] {
                prop_assert!(!name.is_empty() && name.len() <= LONGEST + 4);
                prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
                prop_assert!(!name.starts_with('.') && !name.ends_with('.'));
            }
            prop_assert_eq!(one == other, a.eq_ignore_ascii_case(&b));
        }
    }
}
