use spyhole_protocol::Layer;

/// Which layers a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layers {
    /// All of them.
    All,
    /// Those that see the input image itself.
    First,
    /// Those whose names match one of the patterns.
    Named(Vec<String>),
}

impl Layers {
    pub(crate) fn select(&self, layer: &Layer) -> bool {
        self.select_named(&layer.name, layer.first)
    }

    pub(crate) fn select_named(&self, name: &str, first: bool) -> bool {
        match self {
            Self::All => true,
            Self::First => first,
            Self::Named(patterns) => patterns.iter().any(|pattern| matches(pattern, name)),
        }
    }
}

/// Whether the name fits the pattern, in which `*` stands for any characters, dots included.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    // The earliest place for each part leaves the most for those after it.
    for part in parts {
        match name.find(part) {
            Some(at) => name = &name[at + part.len()..],
            None => return false,
        }
    }
    name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("conv1", "conv1", true),
            ("conv1", "conv10", false),
            ("*", "", true),
            ("*", "conv1", true),
            ("blocks.*", "blocks.0.conv1", true),
            ("blocks.*", "blocks", false),
            ("blocks.*.conv1", "blocks.3.conv1", true),
            ("blocks.*.conv1", "blocks.3.inner.conv1", true),
            ("blocks.*.conv1", "blocks.conv1", false),
            ("*conv*", "stem.conv.0", true),
            ("a*a", "a", false),
            ("a**b", "ab", true),
            ("", "conv1", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} on {name}");
        }
    }

    /// The obvious way: try every length for every star.
    fn slowly(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|skip| slowly(rest, &name[skip..])),
            Some((first, rest)) => name.first() == Some(first) && slowly(rest, &name[1..]),
        }
    }

    proptest! {
        #[test]
        fn as_the_obvious_way(pattern in "[ab*]{0,7}", name in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &name), slowly(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
