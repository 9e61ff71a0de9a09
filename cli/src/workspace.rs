//! `tasktrail workspace`: whose this folder is.

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use tasktrail::workspace::{Workspace as Found, WorkspaceKind, discover};

use crate::context::{self, first};
use crate::failure::{Result, note};

/// Print the workspace id of a folder, and explain it.
///
/// The id goes to stdout and the explanation to stderr, so that a script takes the one and a person reads both.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail workspace\n  export TASKTRAIL_ORIGIN_WORKSPACE_ID=$(tasktrail workspace --quiet)\n  \
    tasktrail workspace ../other --json"
)]
pub(crate) struct Workspace {
    /// Any folder of it.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The id alone.
    #[arg(long, short)]
    quiet: bool,
    /// All that is known, as JSON.
    #[arg(long)]
    json: bool,
}

impl Workspace {
    pub(crate) fn run(&self) -> Result<()> {
        let found = discover(&self.folder)?;
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", tasktrail::facade::pure::workspace_json(&found))?;
        } else {
            writeln!(out, "{}", found.workspace_id)?;
        }
        out.flush()?;
        if !self.quiet && !self.json {
            explain(&found);
        }
        Ok(())
    }
}

fn explain(found: &Found) {
    let why = match found.kind {
        WorkspaceKind::Repository => "the working tree of a git repository",
        WorkspaceKind::Worktree => "a linked worktree, which has the id of the repository that it was made from",
        WorkspaceKind::Submodule => "a git submodule, which has an id of its own",
        WorkspaceKind::Bare => "a git repository without a working tree",
        WorkspaceKind::Folder => "a folder outside git, which has an id of its own",
    };
    note(&format!("{} is {why}", found.root));
    if let Some(branch) = &found.branch {
        note(&format!("branch {branch}"));
    }
    note(&format!(
        "the id is made of {} and this user's own salt: every worktree of the clone has it, and no path can be read from it",
        found.identity_path
    ));
    if let Some(named) = first(&context::WORKSPACE).filter(|named| *named != found.workspace_id) {
        note(&format!(
            "the environment names another workspace, which `tasktrail emit` uses: {named}"
        ));
    }
    found.warnings.iter().for_each(|warning| note(warning));
}
