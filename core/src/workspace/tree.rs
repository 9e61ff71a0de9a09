//! A few files in memory, for whoever has read them already, for shared vectors and for tests.

use std::collections::BTreeMap;

use super::path::FolderPath;
use super::{Discovery, Step, Workspace, invalid};
use crate::error::Result;

/// Symbolic links that are followed for one path, as on Linux.
const MAX_LINKS: usize = 40;

/// Files and symbolic links by their absolute paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTree {
    /// The text of each file.
    pub files: BTreeMap<String, String>,
    /// What each symbolic link points to: absolute, or relative to the folder that the link is in.
    pub links: BTreeMap<String, String>,
}

impl FileTree {
    /// As `discover_with_salt`, with these files in place of the machine's.
    ///
    /// # Errors
    /// [`crate::Code::WorkspaceInvalid`], naming `path`, `salt`, or the entry of `files` or `links` that is no absolute path.
    pub fn discover(&self, path: &str, salt: &str) -> Result<Workspace> {
        let (files, links) = (by_spelling("files", &self.files)?, by_spelling("links", &self.links)?);
        let mut discovery = Discovery::new(path, salt)?;
        loop {
            let answer = match discovery.step() {
                Step::ReadText(path) => real(path, &links)
                    .and_then(|path| files.get(&path.to_text()).copied())
                    .map(str::to_owned),
                Step::RealPath(path) => real(path, &links).map(|path| path.to_text()),
                Step::Done(workspace) => return Ok((**workspace).clone()),
            };
            discovery.answer(answer);
        }
    }
}

/// The entries by the spelling that a discovery uses.
fn by_spelling<'a>(field: &str, entries: &'a BTreeMap<String, String>) -> Result<BTreeMap<String, &'a str>> {
    let entry = |(path, text): (&String, &'a String)| match FolderPath::parse(path) {
        Some(path) => Ok((path.to_text(), text.as_str())),
        None => Err(invalid(&format!("{field}.{path}"), "is not an absolute path")),
    };
    entries.iter().map(entry).collect()
}

/// The path without links; `None` when they go round in circles.
fn real(path: &str, links: &BTreeMap<String, &str>) -> Option<FolderPath> {
    let mut path = FolderPath::parse(path)?;
    if links.is_empty() {
        return Some(path);
    }
    for _ in 0..=MAX_LINKS {
        let mut here = path.root().to_text();
        here.pop();
        let mut names = path.names();
        let mut real = loop {
            let Some(name) = names.next() else {
                return Some(path);
            };
            let folder = here.len();
            here.push('/');
            here.push_str(name);
            if let Some(target) = links.get(&here) {
                here.truncate(folder);
                here.push('/');
                break FolderPath::parse(&here)?.resolve(target)?;
            }
        };
        real.append(names);
        path = real;
    }
    None
}
