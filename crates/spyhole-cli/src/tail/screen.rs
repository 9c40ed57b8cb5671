use std::io::{self, Write};

use spyhole_protocol::Record;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::words;

/// Columns of the terminal behind the output.
pub(crate) fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// Lines, and below them, on a terminal, one line that renews itself. There are no escape codes in either.
pub(crate) struct Screen<W> {
    out: W,
    /// Tells the terminal's width; `None`: the output is no terminal.
    width: Option<fn() -> usize>,
    /// The line that renews itself, as it is shown.
    shown: String,
}

impl<W: Write> Screen<W> {
    pub(crate) fn new(out: W, width: Option<fn() -> usize>) -> Self {
        Self { out, width, shown: String::new() }
    }

    /// A line that stays.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.hide_progress()?;
        writeln!(self.out, "{}", words::harmless(text))
    }

    /// A record as JSON.
    pub(super) fn json(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record).map_err(io::Error::from)?;
        writeln!(self.out)
    }

    /// Renews the last line; on anything but a terminal there is none.
    pub(super) fn progress(&mut self, text: &str) -> io::Result<()> {
        let Some(width) = self.width else { return Ok(()) };
        // The last column stays free: some terminals go to the next line once it is written.
        let text = fit(&words::harmless(text), width().saturating_sub(1));
        if text == self.shown {
            return Ok(());
        }
        self.hide_progress()?;
        write!(self.out, "{text}")?;
        self.shown = text;
        Ok(())
    }

    /// Takes the last line away, for something else to be written.
    pub(super) fn hide_progress(&mut self) -> io::Result<()> {
        if !self.shown.is_empty() {
            let blank = " ".repeat(self.shown.width());
            write!(self.out, "\r{blank}\r")?;
            self.shown.clear();
            self.out.flush()?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.hide_progress()?;
        self.out.flush()
    }
}

/// As much of the text as fits into so many columns.
fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut fitted = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        fitted.push(c);
    }
    if columns > 0 {
        fitted.push('…');
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(
        width: Option<fn() -> usize>,
        write: impl FnOnce(&mut Screen<&mut Vec<u8>>),
    ) -> String {
        let mut out = Vec::new();
        write(&mut Screen::new(&mut out, width));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_terminal_has_one_line_that_renews_itself() {
        let text = written(Some(|| 20), |screen| {
            screen.progress("epoch 1").unwrap();
            screen.progress("epoch 1").unwrap();
            screen.line("an alert").unwrap();
            screen.progress("epoch 2").unwrap();
        });
        assert_eq!(text, "epoch 1\r       \ran alert\nepoch 2");
    }

    #[test]
    fn anything_else_has_lines_alone() {
        let text = written(None, |screen| {
            screen.progress("epoch 1").unwrap();
            screen.line("an alert\x1b[31m").unwrap();
            screen.progress("epoch 2").unwrap();
        });
        assert_eq!(text, "an alert\u{fffd}[31m\n");
    }

    #[test]
    fn text_is_cut_to_columns_not_characters() {
        for (text, columns, expected) in [
            ("epoch", 5, "epoch"),
            ("epoch", 4, "epo…"),
            ("卷积层", 6, "卷积层"),
            ("卷积层", 5, "卷积…"),
            ("卷积层", 4, "卷…"),
            ("epoch", 1, "…"),
            ("epoch", 0, ""),
        ] {
            assert_eq!(fit(text, columns), expected);
        }
    }
}
