//! Is the file as it should be?

use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, OpenFlags};

use super::file;
use crate::store::examine::Finding;

const WRITABLE: &str = "let this user write the file and its folder, in which SQLite keeps the file's log";

/// Looks at a file from a thread of its own.
pub(in crate::store) async fn examine(path: &Path) -> Vec<Finding> {
    let path = path.to_owned();
    let (reply, answer) = tokio::sync::oneshot::channel();
    let looking = std::thread::Builder::new()
        .name("tasktrail-examine".into())
        .spawn(move || {
            // Nobody waits any more when the caller was dropped.
            let _ = reply.send(look(&path));
        });
    match looking {
        Ok(_) => answer.await.unwrap_or_default(),
        Err(error) => vec![Finding::fault(
            "connection",
            format!("no thread can be started: {error}"),
            "end other programs",
        )],
    }
}

fn look(path: &Path) -> Vec<Finding> {
    let shown = path.display();
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let remedy = "check the path; the first record makes the file";
            return vec![Finding::warning(
                "connection",
                format!("there is no file {shown}"),
                remedy,
            )];
        }
        Err(error) => {
            let remedy = "name a file that this user may read";
            return vec![Finding::fault(
                "connection",
                format!("{shown} cannot be looked at: {error}"),
                remedy,
            )];
        }
    };
    let since = Instant::now();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags);
    let looked = opened.and_then(|connection| {
        connection.pragma_update(None, "query_only", true)?;
        file::schema(&connection).map(|schema| (connection, schema))
    });
    let (connection, schema) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            let remedy = "name the file of a trail that this user may read";
            return vec![Finding::fault(
                "connection",
                format!("{shown} cannot be read: {error}"),
                remedy,
            )];
        }
    };
    let mut findings = Vec::new();
    if !schema.is_trail {
        let remedy = "name a file of its own for the trail";
        let says = format!("{shown} is a database of another application");
        return vec![Finding::fault("connection", says, remedy)];
    }
    findings.push(Finding::answered(
        &format!("the file {shown} (SQLite {})", rusqlite::version()),
        since.elapsed(),
    ));
    findings.push(match connection.is_readonly("main") {
        Ok(false) => Finding::fine("writing", "this user may write the file"),
        Ok(true) => Finding::fault("writing", "the file is read-only for this user", WRITABLE),
        Err(error) => Finding::fault("writing", error.to_string(), WRITABLE),
    });
    findings.push(match schema.version.cmp(&schema.known) {
        std::cmp::Ordering::Equal => Finding::fine("schema", format!("version {}", schema.version)),
        std::cmp::Ordering::Less => Finding::warning(
            "schema",
            format!("version {}; this release writes {}", schema.version, schema.known),
            "nothing: whoever opens it next brings it up to date, and older releases cannot open it from then on",
        ),
        std::cmp::Ordering::Greater => Finding::fault(
            "schema",
            format!("version {}, and this release knows {}", schema.version, schema.known),
            "use the release of Tasktrail that wrote it, or a newer one",
        ),
    });
    findings.push(match schema.missing_indexes.as_slice() {
        [] => Finding::fine("indexes", "all are there"),
        missing => Finding::fault(
            "indexes",
            format!("missing: {}", missing.join(", ")),
            "somebody has dropped them: restore the file from a backup, or export the records and import them into a new one",
        ),
    });
    findings.extend(permissions(&metadata, &shown));
    findings
}

#[cfg(unix)]
fn permissions(metadata: &std::fs::Metadata, shown: &std::path::Display<'_>) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    Some(match mode & 0o077 {
        0 => Finding::fine("permissions", format!("{mode:03o}: nobody else may read the file")),
        _ => Finding::warning(
            "permissions",
            format!("other users may open the file ({mode:03o})"),
            format!("chmod 600 {shown}, unless they are meant to"),
        ),
    })
}

#[cfg(not(unix))]
fn permissions(_: &std::fs::Metadata, _: &std::path::Display<'_>) -> Option<Finding> {
    None
}
