//! The guide and the README: links lead somewhere, and what the README shows is what the guide's tests compile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Markdown files that people read.
fn pages() -> Vec<PathBuf> {
    let mut found: Vec<_> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "benches/README.md",
        "examples/README.md",
    ]
    .map(|name| root().join(name))
    .into();
    let mut folders = vec![root().join("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "md" => found.push(path),
                _ => {}
            }
        }
    }
    found
}

/// Where the links of a page lead, as they are written.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        let starts = line.match_indices("](").map(|(at, _)| at + 2);
        found.extend(starts.filter_map(|start| line[start..].split([')', ' ']).next()));
    }
    found
}

/// A title as the end of an address, as mdBook and GitHub make it.
fn anchors(text: &str) -> BTreeSet<String> {
    let titles = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |title: &str| {
        let title = title.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    titles.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut lost = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            let there = target.exists()
                && (anchor.is_empty()
                    || anchors(&fs::read_to_string(&target).unwrap()).contains(anchor));
            if !there {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn every_page_of_the_guide_is_in_its_table_of_contents() {
    let source = root().join("docs/src");
    let summary = fs::read_to_string(source.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<_> = links(&summary).into_iter().map(String::from).collect();
    let there = pages().into_iter().filter_map(|page| {
        let page = page.strip_prefix(&source).ok()?.to_string_lossy().into_owned();
        (page != "SUMMARY.md").then_some(page)
    });
    assert_eq!(listed, there.collect());
}

/// Blocks of Rust, without the lines that mdBook and rustdoc hide.
fn rust(text: &str) -> Vec<String> {
    let blocks = text.split("```rust").skip(1).filter_map(|rest| rest.split("```").next());
    let shown = |block: &str| {
        let lines = block.lines().skip(1).filter(|line| !line.starts_with("# "));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    blocks.map(shown).collect()
}

#[test]
fn what_the_readme_shows_is_compiled_in_the_guide() {
    let readme = rust(&fs::read_to_string(root().join("README.md")).unwrap());
    let guide: Vec<_> =
        pages().iter().skip(1).flat_map(|page| rust(&fs::read_to_string(page).unwrap())).collect();
    assert!(readme.len() > 1);
    for block in readme {
        assert!(guide.contains(&block), "not in the guide:\n{block}");
    }
}
