//! How far an export into a file is: kept beside the file until that is complete.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// What is known of a file that is not complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The export's file.
    pub(crate) path: PathBuf,
    /// What was asked for: filters, order and format.
    pub(crate) question: String,
    /// Where to go on.
    pub(crate) cursor: Option<String>,
    /// Bytes of the file that are behind this place.
    pub(crate) bytes: u64,
    /// Records in them.
    pub(crate) records: u64,
    /// A file without a mark.
    pub(crate) is_complete: bool,
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(extension);
    name.into()
}

impl Mark {
    /// The mark of a file; `None` where there is none.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        let text = match fs::read_to_string(beside(path, ".part")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let said: Value = serde_json::from_str(&text)?;
        let number = |name: &str| said.get(name).and_then(Value::as_u64).unwrap_or(0);
        let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Some(Mark {
            path: path.to_owned(),
            question: text("question").unwrap_or_default(),
            cursor: text("cursor"),
            bytes: number("bytes"),
            records: number("records"),
            is_complete: false,
        }))
    }

    /// Replaces the mark, all of it or nothing.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let said = json!({
            "question": self.question,
            "cursor": self.cursor,
            "bytes": self.bytes,
            "records": self.records,
        });
        let draft = beside(path, ".part.new");
        fs::write(&draft, format!("{said}\n"))?;
        fs::rename(draft, beside(path, ".part"))
    }

    /// The file is complete.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(beside(&self.path, ".part")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_gone_when_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ndjson");
        assert_eq!(Mark::read(&path).unwrap(), None);
        let mark = Mark {
            path: path.clone(),
            question: "q \"1\"".into(),
            cursor: Some("c".into()),
            bytes: 5,
            records: 2,
            is_complete: false,
        };
        mark.write(&path).unwrap();
        assert_eq!(Mark::read(&path).unwrap().as_ref(), Some(&mark));
        mark.remove().unwrap();
        mark.remove().unwrap();
        assert_eq!(Mark::read(&path).unwrap(), None);
        fs::write(folder.path().join("x.ndjson.part"), "{").unwrap();
        assert!(Mark::read(&path).is_err());
    }
}
