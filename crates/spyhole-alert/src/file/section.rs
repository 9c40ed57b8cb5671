use std::path::Path;

use spyhole_protocol::Severity;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{AlertError, Place};
use crate::spelling;

/// The text that is read, for saying where something stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) path: Option<&'a Path>,
}

impl Source<'_> {
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().iter().take(offset);
        Place {
            file: self.path.map(Path::to_owned),
            line: 1 + before.filter(|&&byte| byte == b'\n').count(),
        }
    }
}

/// A value, with numbers as numbers.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Flag(bool),
    Number(f64),
    Text(&'a str),
    Table(&'a DeTable<'a>),
    Other,
}

/// A table of the file. Everything that is wrong in it is said with its title and line.
pub(super) struct Section<'a> {
    title: String,
    table: &'a DeTable<'a>,
    source: Source<'a>,
}

impl<'a> Section<'a> {
    pub(super) fn new(
        title: impl Into<String>,
        table: &'a DeTable<'a>,
        source: Source<'a>,
    ) -> Self {
        Self { title: title.into(), table, source }
    }

    pub(super) fn inner(&self, key: &str, table: &'a DeTable<'a>) -> Self {
        Self::new(format!("{}, `{key}`", self.title), table, self.source)
    }

    /// Fails at the first key that is none of these.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), AlertError> {
        let unknown = self.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => Err(AlertError::UnknownKey {
                section: self.title.clone(),
                key: key.get_ref().to_string(),
                hint: spelling::among(key.get_ref(), known.iter().copied()),
            }
            .at(Some(&self.source.place(key.span().start)))),
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<Value<'a>> {
        self.table.get(key).map(|value| read(value.get_ref()))
    }

    /// The error for a value of the wrong kind.
    pub(super) fn wrong(&self, key: &str, expected: &str) -> AlertError {
        let value = self.table.get(key);
        let error = AlertError::WrongValue {
            section: self.title.clone(),
            key: key.into(),
            found: value.map_or_else(|| "missing".into(), |value| found(value.get_ref())),
            expected: expected.into(),
        };
        error.at(value.map(|value| self.source.place(value.span().start)).as_ref())
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, AlertError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.to_owned())),
            Some(_) => Err(self.wrong(key, "a text in quotation marks")),
        }
    }

    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, AlertError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let expected = "a list of texts: [\"…\", \"…\"]";
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, expected))?;
        let texts = list.iter().map(|text| text.get_ref().as_str().map(str::to_owned));
        texts.collect::<Option<_>>().map(Some).ok_or_else(|| self.wrong(key, expected))
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, AlertError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, AlertError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(key, "a number")),
        }
    }

    /// A whole number, 0 or more.
    pub(super) fn whole(&self, key: &str) -> Result<Option<u32>, AlertError> {
        let Some(number) = self.value(key) else { return Ok(None) };
        match number {
            Value::Number(number)
                if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) =>
            {
                Ok(Some(number as u32))
            }
            _ => Err(self.wrong(key, "a whole number, 0 or more")),
        }
    }

    pub(super) fn one_of<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, AlertError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let choice = match value {
            Value::Text(text) => choices.iter().find(|(name, _)| *name == text),
            _ => None,
        };
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        match choice {
            Some((_, choice)) => Ok(Some(*choice)),
            None => Err(self.wrong(key, &names.join(", "))),
        }
    }

    pub(super) fn severity(&self, key: &str) -> Result<Option<Severity>, AlertError> {
        self.one_of(
            key,
            &[
                ("info", Severity::Info),
                ("warning", Severity::Warning),
                ("critical", Severity::Critical),
            ],
        )
    }

    pub(super) fn table(&self, key: &str) -> Result<Option<(Place, &'a DeTable<'a>)>, AlertError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let table = value.get_ref().as_table();
        let table = table.ok_or_else(|| self.wrong(key, &format!("a table: [{key}]")))?;
        Ok(Some((self.source.place(value.span().start), table)))
    }

    /// The tables in the table of that name, in the order in which they stand in the file.
    pub(super) fn tables(
        &self,
        key: &str,
    ) -> Result<Vec<(&'a str, Place, &'a DeTable<'a>)>, AlertError> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let expected = format!("tables: [{key}.NAME]");
        let outer = value.get_ref().as_table().ok_or_else(|| self.wrong(key, &expected))?;
        let mut entries: Vec<_> = outer.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        entries
            .into_iter()
            .map(|(name, value)| {
                let inner = Section::new(format!("[{key}]"), outer, self.source);
                let table = value.get_ref().as_table();
                let table = table.ok_or_else(|| inner.wrong(name.get_ref(), &expected))?;
                Ok((name.get_ref().as_ref(), self.source.place(name.span().start), table))
            })
            .collect()
    }

    pub(super) fn list_of_tables(
        &self,
        key: &str,
    ) -> Result<Vec<(Place, &'a DeTable<'a>)>, AlertError> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let wrong = || self.wrong(key, &format!("tables: [[{key}]]"));
        let list = value.get_ref().as_array().ok_or_else(wrong)?;
        let tables = list.iter().map(|item: &Spanned<DeValue<'a>>| {
            let place = self.source.place(item.span().start);
            item.get_ref().as_table().map(|table| (place, table)).ok_or_else(wrong)
        });
        tables.collect()
    }
}

fn read<'a>(value: &'a DeValue<'a>) -> Value<'a> {
    match value {
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::String(text) => Value::Text(text),
        DeValue::Table(table) => Value::Table(table),
        DeValue::Integer(integer) => {
            // Thresholds are floating point numbers anyway, so integers need no type of their own.
            i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or(Value::Other, |number| Value::Number(number as f64))
        }
        DeValue::Float(float) => float.as_str().parse().map_or(Value::Other, Value::Number),
        _ => Value::Other,
    }
}

/// What a value is, in words. Texts are cut, for they may be long.
fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() > 40 => "a long text".into(),
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Integer(number) => number.as_str().into(),
        DeValue::Float(number) => number.as_str().into(),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}
