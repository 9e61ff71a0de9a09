//! The user's own random text, made once and kept beside the other settings of the user.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::MIN_SALT;
use crate::base32;
use crate::error::{Code, Error, Result};
use crate::folders::{self, Purpose};

/// Overrides the file.
const VARIABLE: &str = "TASKTRAIL_SALT";
const RANDOM_BYTES: usize = 32;
const MAX_BYTES: u64 = 4 * 1024;
/// How long an empty file is given to be filled by whoever has just made it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A salt, and what is wrong about how it is kept.
#[derive(Debug)]
pub(super) struct Salt {
    pub(super) text: String,
    pub(super) warning: Option<String>,
}

/// The salt of this user on this machine: `TASKTRAIL_SALT` where that is set, otherwise the file `tasktrail/salt` in the user's
/// configuration folder, which is made when it is not there. That folder is `$XDG_CONFIG_HOME` or `~/.config`, on macOS
/// `~/Library/Application Support`, on Windows `%APPDATA%`. Only the user may read the file.
///
/// # Errors
/// [`Code::WorkspaceInvalid`] when the file cannot be made or read, or holds fewer than 8 bytes, naming its path; also when `TASKTRAIL_SALT`
/// is that short.
pub fn user_salt() -> Result<String> {
    own().map(|salt| salt.text)
}

pub(super) fn own() -> Result<Salt> {
    from_environment(folders::variable, env::home_dir())
}

fn from_environment(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Result<Salt> {
    if let Some(text) = variable(VARIABLE) {
        return match text.into_string() {
            Ok(text) if text.len() >= MIN_SALT => Ok(Salt { text, warning: None }),
            _ => Err(fault(format!(
                "{VARIABLE} is random text of at least {MIN_SALT} bytes; unset it to use the user's own salt"
            ))),
        };
    }
    match folders::of_user(Purpose::Settings, variable, home) {
        Some(folder) => from_file(&folder.join("tasktrail").join("salt")),
        None => Err(fault(format!(
            "there is no home folder to keep the user's salt in; set {VARIABLE} to random text"
        ))),
    }
}

fn from_file(file: &Path) -> Result<Salt> {
    if let Some(salt) = read(file)? {
        return Ok(salt);
    }
    make(file).map_err(|error| {
        fault(format!(
            "cannot make the user's salt at {}: {error}; make its folder writable for this user, or set {VARIABLE} to random text",
            file.display()
        ))
    })?;
    // Whoever made it: another process may have been quicker.
    read(file)?.ok_or_else(|| {
        fault(format!(
            "the user's salt at {} was removed while it was made; try again",
            file.display()
        ))
    })
}

/// The file's text; `None` when there is no file.
fn read(file: &Path) -> Result<Option<Salt>> {
    let unreadable = |reason: &dyn std::fmt::Display| {
        fault(format!(
            "cannot use the user's salt at {}: {reason}; delete the file to have a new one made (every workspace id changes), or set {VARIABLE}",
            file.display()
        ))
    };
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline
        && fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
    {
        thread::sleep(Duration::from_millis(10));
    }
    let opened = match fs::File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut text = String::new();
    let warning = opened
        .metadata()
        .ok()
        .and_then(|metadata| open_to_others(file, &metadata));
    opened
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(&error))?;
    let salt = text.trim();
    if salt.len() < MIN_SALT {
        return Err(unreadable(&format_args!("it holds fewer than {MIN_SALT} bytes")));
    }
    if text.len() as u64 > MAX_BYTES {
        return Err(unreadable(&"it is longer than 4 KiB"));
    }
    Ok(Some(Salt {
        text: salt.to_owned(),
        warning,
    }))
}

/// Whoever knows the salt can test guesses of a path against an id. That is worth a word, not a refusal: a refusal would change every id.
#[cfg(unix)]
fn open_to_others(file: &Path, metadata: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    (metadata.permissions().mode() & 0o077 != 0).then(|| {
        format!(
            "other users can read the salt of your workspace ids: chmod 600 {}",
            file.display()
        )
    })
}

// The folder is inherited from the user's profile, which is closed to others.
#[cfg(not(unix))]
fn open_to_others(_: &Path, _: &fs::Metadata) -> Option<String> {
    None
}

/// Makes the file, whole or not at all. When it is there by then, it stays.
fn make(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;

    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut text = base32::encode(&random, usize::MAX);
    text.push('\n');

    let mut name = [0; 10];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    let draft = folder.join(format!(".salt-{}", base32::encode(&name, usize::MAX)));
    let outcome = write(&draft, &text).and_then(|()| match fs::hard_link(&draft, file) {
        // A file system without hard links: whoever reads in between sees an empty file, and waits.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => write(file, &text),
        outcome => outcome,
    });
    let _ = fs::remove_file(&draft);
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()
}

fn fault(message: String) -> Error {
    Error::new(Code::WorkspaceInvalid, message).with_field("salt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&'static str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        let pairs: Vec<(&str, OsString)> = pairs.iter().map(|(name, value)| (*name, value.into())).collect();
        move |name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.clone())
        }
    }

    #[test]
    fn the_variable_goes_before_the_file() {
        let salt = from_environment(variables(&[(VARIABLE, "set by the user")]), None).unwrap();
        assert_eq!((salt.text.as_str(), salt.warning), ("set by the user", None));
        let error = from_environment(variables(&[(VARIABLE, "short")]), None).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::WorkspaceInvalid, Some("salt")));
        assert!(error.to_string().contains(VARIABLE), "{error}");
        let error = from_environment(variables(&[]), None).unwrap_err();
        assert!(error.to_string().contains("home folder"), "{error}");
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_configuration_folder_is_the_one_of_the_xdg_specification() {
        let folder = |value: &str, home: &str| {
            folders::of_user(
                Purpose::Settings,
                variables(&[("XDG_CONFIG_HOME", value)]),
                Some(home.into()),
            )
        };
        assert_eq!(folder("/etc/xdg", "/home/ann"), Some("/etc/xdg".into()));
        assert_eq!(folder("relative", "/home/ann"), Some("/home/ann/.config".into()));
        assert_eq!(
            folders::of_user(Purpose::Settings, variables(&[]), Some("home".into())),
            None
        );
    }

    #[test]
    fn a_salt_is_made_once_whoever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep").join("tasktrail").join("salt");
        let salts: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| from_file(&file).unwrap().text)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(
            salts.iter().all(|salt| *salt == salts[0] && salt.len() == 52),
            "{salts:?}"
        );
        assert_eq!(from_file(&file).unwrap().text, salts[0]);
        assert_eq!(
            fs::read_dir(file.parent().unwrap()).unwrap().count(),
            1,
            "no draft is left"
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_a_new_salt_and_an_open_one_is_mentioned() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("salt");
        let made = from_file(&file).unwrap();
        assert_eq!(made.warning, None);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let opened = from_file(&file).unwrap();
        assert_eq!(opened.text, made.text);
        assert!(opened.warning.unwrap().contains("chmod 600"));
    }

    #[test]
    fn a_salt_that_cannot_be_used_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("salt");
        for content in [
            &b"short\n"[..],
            b"",
            b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff",
            &[b'x'; 5_000],
        ] {
            fs::write(&file, content).unwrap();
            let error = from_file(&file).unwrap_err();
            assert_eq!(error.code(), Code::WorkspaceInvalid);
            assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
        }
        let error = from_file(&file.join("below")).unwrap_err();
        assert!(error.to_string().contains("below"), "{error}");
    }
}
