//! The file that explains an export, made of the tables that wrote it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::error::writing;
use super::outline::Outline;
use super::{ExportError, Moment, Options, tables};

const FILE: &str = "README.txt";

/// The first line; it tells an export from any other directory.
const TITLE: &str = "A run of spyhole, exported";

const LAYOUT: &str = "\
run.json         the run: each start with its layers and probe images, the watchlist, where it was,
                 how it ended
records.jsonl    every record that counts, one JSON object a line, as it was recorded: the full
                 truth. The tables below are made of it, and of the documents.
documents/       results of studies as JSON, in folders by kind and epoch; studies.csv lists them
";

const LEFT: &str = "\
left.jsonl       what the run left when it was continued from an earlier epoch, as in records.jsonl,
                 with the number of the branch. It is in no table; `spyhole export --branch N` writes
                 a branch as a whole.
";

const PICTURES: &str = "\
pictures/        PNG pictures. Each holds equal tiles, row by row; pictures/index.csv says what each
                 tile shows. Join by `record`, or by epoch, layer and map.
";

const REPORT: &str = "\
report.html      the dashboard with the run in it: open it in a browser, nothing else is needed
";

const CONVENTIONS: &str = "\
    Tables are CSV (RFC 4180, UTF-8) with a header. Absent numbers, and numbers that were not finite, are empty \
    cells. Epochs count from 1, and 0 is the untrained model; layers, maps, filters and images count from 0. A list \
    of numbers in one cell is separated by spaces. `record` is the number of the record in records.jsonl (`seq` \
    there), so that everything can be joined. Units stand in brackets; [1] is a pure number.";

pub(super) fn write(
    dir: &Path,
    outline: &Outline,
    moment: &Moment,
    options: &Options,
) -> Result<(), ExportError> {
    let summary = outline.summary(moment);
    let mut text =
        format!("{TITLE}\n\nRun:      {}\nFrom:     {}\n", summary.name, summary.directory);
    text += &format!("Records:  1 to {}\n", moment.head);
    if let Some(branch) = moment.log.left() {
        text += &format!("Branch:   {branch}; the run is as it was then\n");
    }
    for branch in moment.history.branches() {
        text += &format!("Left:     {branch}\n");
    }
    text += &format!("\n{LAYOUT}");
    let branches = moment.history.branches();
    if !branches.is_empty() {
        text += LEFT;
    }
    if options.pictures {
        text += PICTURES;
    }
    if options.report.is_some() {
        text += REPORT;
    }
    text += &format!("\n{}", wrapped(CONVENTIONS, 0));
    for table in tables::of_export(options.pictures) {
        text += &format!("\n\n{}\n", table.file);
        text += &wrapped(table.about, 2);
        let longest = table.columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
        for column in table.columns {
            let unit = match column.unit {
                "" => String::new(),
                unit => format!(" [{unit}]"),
            };
            let body = wrapped(&format!("{}{unit}", column.meaning), longest + 6);
            text += &format!("    {:longest$}  {}", column.name, body.trim_start());
        }
    }
    let path = dir.join(FILE);
    fs::write(&path, text).map_err(writing(&path))
}

/// Whether the directory is an export.
pub(super) fn is_in(dir: &Path) -> bool {
    let Ok(file) = fs::File::open(dir.join(FILE)) else { return false };
    let first = BufReader::new(file).lines().next();
    matches!(first, Some(Ok(line)) if line == TITLE)
}

/// The text in lines of at most 100 columns, moved to the right.
fn wrapped(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut column = 100;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column + 1 + length > 100 {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines += &" ".repeat(indent);
            column = indent;
        } else {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
    }
    lines.push('\n');
    lines
}
