//! Where the files of a user belong, by the rules of each system.

use std::ffi::OsString;
use std::path::PathBuf;

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Settings that the user has made, or that were made for them.
    Settings,
    /// What a program keeps from one run to the next.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only a spool is kept"))]
    State,
}

/// A variable of the environment that is set to something.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The user's folder: `$XDG_CONFIG_HOME` or `~/.config` for settings, `$XDG_STATE_HOME` or `~/.local/state` for state (XDG Base Directory
/// Specification); on macOS `~/Library/Application Support`; on Windows `%APPDATA%` and `%LOCALAPPDATA%`. `None` where there is no home.
pub(crate) fn of_user(
    purpose: Purpose,
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let home = home.filter(|home| home.is_absolute());
    // The XDG specification says to pass over a relative one.
    let absolute = |name| variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let (windows, roaming, xdg, hidden) = match purpose {
        Purpose::Settings => ("APPDATA", "Roaming", "XDG_CONFIG_HOME", ".config"),
        Purpose::State => ("LOCALAPPDATA", "Local", "XDG_STATE_HOME", ".local/state"),
    };
    if cfg!(windows) {
        absolute(windows).or_else(|| Some(home?.join("AppData").join(roaming)))
    } else if cfg!(target_os = "macos") {
        Some(home?.join("Library").join("Application Support"))
    } else {
        absolute(xdg).or_else(|| Some(home?.join(hidden)))
    }
}
