//! Query strings.

use std::borrow::Cow;

/// The first value of a parameter, decoded.
pub(super) fn parameter<'a>(query: Option<&'a str>, name: &str) -> Option<Cow<'a, str>> {
    query?
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find_map(|(key, value)| (key == name).then(|| decoded(value)))
}

/// `%41+b` → `A b`. What is no encoding stays as it is; what is no text is shown as such.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains(['%', '+']) {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |place: usize| {
            after.get(place).and_then(|&digit| char::from(digit).to_digit(16)).map(|it| it as u8)
        };
        (rest, _) = match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => (&after[2..], bytes.push(16 * high + low)),
            (b'+', ..) => (after, bytes.push(b' ')),
            _ => (after, bytes.push(byte)),
        };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_and_decoded() {
        for (query, expected) in [
            ("a=1", Some("1")),
            ("b=2&a=1&a=3", Some("1")),
            ("a", Some("")),
            ("a=", Some("")),
            ("aa=1", None),
            ("", None),
            ("a=blocks.0%2Fconv%3F1+x", Some("blocks.0/conv?1 x")),
            ("a=%", Some("%")),
            ("a=%4", Some("%4")),
            ("a=%zz%C3%A9", Some("%zzé")),
            ("a=%ff", Some("\u{fffd}")),
        ] {
            assert_eq!(parameter(Some(query), "a").as_deref(), expected, "{query}");
        }
        assert_eq!(parameter(None, "a"), None);
    }
}
