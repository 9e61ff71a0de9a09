//! Stamps: a digest of what a build step read and wrote, so that a step with nothing to do takes no time.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// Folders that are written by builds and therefore never an input.
const OUTPUTS: [&str; 4] = ["node_modules", "dist", "target", "pkg"];

#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: u64,
}

impl Stamp {
    /// The stamp that is kept in `file` and covers every file under `inputs`, and `salt`.
    pub(crate) fn new(file: PathBuf, inputs: &[PathBuf], salt: &str) -> Result<Self> {
        let inputs = digest_all(inputs, salt).map_err(Failure::new)?;
        Ok(Self { file, inputs })
    }

    /// Whether the step's outputs are those of these very inputs.
    pub(crate) fn is_fresh(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|kept| self.digest(outputs).is_ok_and(|digest| kept == digest))
    }

    /// What is kept. It covers the outputs too: somebody may have written others by hand.
    fn digest(&self, outputs: &[PathBuf]) -> Result<String> {
        let outputs = digest_all(outputs, "").map_err(Failure::new)?;
        Ok(format!("{:016x} {outputs:016x}", self.inputs))
    }

    /// Runs `work` unless its outputs are fresh.
    pub(crate) fn unless_fresh(&self, outputs: &[PathBuf], work: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.is_fresh(outputs) {
            return Ok(());
        }
        // A stamp from before must not vouch for half of what a failing step wrote.
        let _ = fs::remove_file(&self.file);
        work()?;
        fs::write(&self.file, self.digest(outputs)?).context(|| format!("cannot write {}", self.file.display()))
    }
}

fn digest_all(paths: &[PathBuf], salt: &str) -> std::result::Result<u64, String> {
    let mut hasher = DefaultHasher::new();
    salt.hash(&mut hasher);
    for path in paths {
        digest(path, &mut hasher).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    }
    Ok(hasher.finish())
}

fn digest(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        return fs::read(path).map(|bytes| bytes.hash(hasher));
    }
    let mut entries: Vec<PathBuf> = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for entry in entries {
        if !entry
            .file_name()
            .is_some_and(|name| OUTPUTS.iter().any(|output| name == *output))
        {
            digest(&entry, hasher)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_fresh_until_an_input_changes_or_an_output_goes() {
        let dir = crate::paths::fresh_run_folder("stamp-test").unwrap();
        let (input, output) = (dir.join("in"), dir.join("out"));
        fs::create_dir_all(input.join("node_modules")).unwrap();
        fs::write(input.join("a"), "1").unwrap();
        let stamp = || Stamp::new(dir.join(".stamp"), std::slice::from_ref(&input), "").unwrap();
        let outputs = [output.clone()];
        assert!(!stamp().is_fresh(&outputs));
        stamp().unless_fresh(&outputs, || Ok(fs::write(&output, "x")?)).unwrap();
        assert!(stamp().is_fresh(&outputs));
        fs::write(&output, "y").unwrap();
        assert!(!stamp().is_fresh(&outputs), "somebody else wrote the output");
        fs::write(&output, "x").unwrap();
        fs::write(input.join("node_modules/b"), "ignored").unwrap();
        assert!(stamp().is_fresh(&outputs));
        fs::write(input.join("a"), "2").unwrap();
        assert!(!stamp().is_fresh(&outputs));
        assert!(
            stamp()
                .unless_fresh(&outputs, || Err(crate::failure::Failure::new("no")))
                .is_err()
        );
        fs::write(input.join("a"), "1").unwrap();
        assert!(!stamp().is_fresh(&outputs), "a failed step leaves no stamp behind");
        fs::remove_dir_all(dir).unwrap();
    }
}
