//! Whose is it? What the files of git say on this machine.

use std::ffi::c_char;

use tasktrail::facade::host;

use crate::boundary::{Out, call, text, text_or};
use crate::status::tt_status;
use crate::string::tt_string;

/// The workspace that the folder `path` is in: the git repository, with one id for all of its worktrees, or the folder itself outside git.
///
/// `path` is absolute or relative to the current folder, or a `file:` URI. `salt` is text of at least 8 bytes; NULL for the user's own, which
/// is `TASKTRAIL_SALT` or the file `tasktrail/salt` in the user's configuration folder, made the first time. `out_json` gets
/// `{"workspaceId","kind","root","worktreePath","branch","warnings"}`: `kind` is `repository`, `worktree`, `submodule`, `bare` or
/// `folder`; `worktreePath` and `branch` may be null. It reads a few files and starts nothing. A `.git` that is broken is no error: the
/// folder then stands for itself, and `warnings` says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_discover_workspace(
    path: *const c_char,
    path_len: usize,
    salt: *const c_char,
    salt_len: usize,
    out_json: *mut tt_string,
) -> tt_status {
    call("tt_discover_workspace", || {
        let out = Out::required(out_json, "out_json")?;
        // SAFETY: by contract.
        let (path, salt) = unsafe { (text(path, path_len, "path")?, text_or(salt, salt_len, "salt", "")?) };
        let json = host::discover_workspace_json(path, Some(salt).filter(|salt| !salt.is_empty()))?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(json)) };
        Ok(())
    })
}
