use std::borrow::Cow;
use std::fmt::Write;

/// What stands in a cell of a table. Absent numbers, and numbers that are not finite, are empty.
#[derive(Clone, Debug)]
pub(in super::super) enum Cell<'a> {
    Empty,
    Whole(i128),
    Single(f32),
    Double(f64),
    Yes(bool),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// Numbers are written so that reading them gives the same number again.
    pub(super) fn write(&self, text: &mut String) {
        // Writing into a String does not fail.
        let _ = match self {
            Self::Whole(value) => write!(text, "{value}"),
            Self::Single(value) if value.is_finite() => write!(text, "{value:?}"),
            Self::Double(value) if value.is_finite() => write!(text, "{value:?}"),
            Self::Yes(value) => write!(text, "{value}"),
            Self::Text(value) => write!(text, "{value}"),
            Self::Empty | Self::Single(_) | Self::Double(_) => Ok(()),
        };
    }

    /// Whole numbers in one cell: `3 17 20`.
    pub(super) fn list(numbers: &[u32]) -> Cell<'static> {
        let words: Vec<_> = numbers.iter().map(u32::to_string).collect();
        Cell::Text(words.join(" ").into())
    }
}

macro_rules! from {
    ($($kind:ty => |$value:ident| $cell:expr;)*) => { $(
        impl From<$kind> for Cell<'_> {
            fn from($value: $kind) -> Self { $cell }
        }
    )* };
}

from! {
    u32 => |value| Self::Whole(value.into());
    i32 => |value| Self::Whole(value.into());
    u64 => |value| Self::Whole(value.into());
    // A usize has 64 bits at most.
    usize => |value| Self::Whole(value as i128);
    f32 => |value| Self::Single(value);
    f64 => |value| Self::Double(value);
    bool => |value| Self::Yes(value);
    String => |value| Self::Text(value.into());
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value.into())
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(cell: Cell<'_>) -> String {
        let mut text = String::new();
        cell.write(&mut text);
        text
    }

    #[test]
    fn what_is_no_number_is_empty() {
        for cell in [
            Cell::from(f32::NAN),
            Cell::from(f64::INFINITY),
            Cell::from(f32::NEG_INFINITY),
            Cell::from(None::<f64>),
        ] {
            assert_eq!(text(cell), "");
        }
        assert_eq!(text(Cell::list(&[3, 17, 20])), "3 17 20");
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_were(double in any::<f64>(), single in any::<f32>()) {
            if double.is_finite() {
                prop_assert_eq!(text(double.into()).parse::<f64>().unwrap(), double);
            }
            if single.is_finite() {
                prop_assert_eq!(text(single.into()).parse::<f32>().unwrap(), single);
            }
        }
    }
}
