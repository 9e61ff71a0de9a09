//! `workspace`: the id of a folder.

use crate::support::User;

#[test]
fn the_id_goes_to_stdout_and_its_reasons_to_stderr() {
    let mut user = User::with_a_file();
    let run = user.run(&["workspace"]).ok();
    let id = run.stdout.trim();
    assert!(id.starts_with("ws_") && id.len() == 29, "{id}");
    assert!(run.stderr.contains("a folder outside git"), "{}", run.stderr);
    let quiet = user.run(&["workspace", "--quiet"]).ok();
    assert_eq!((quiet.stdout.trim(), quiet.stderr.as_str()), (id, ""));
    let json = user.run(&["workspace", "--json", "."]).ok();
    assert_eq!(
        (&json.json()[0]["workspaceId"], &json.json()[0]["kind"]),
        (&id.into(), &"folder".into())
    );
    user.set("WORKSPACE_ID", "ws_other");
    assert!(user.run(&["workspace"]).ok().stderr.contains("ws_other"));
    user.set("TASKTRAIL_SALT", "short");
    let run = user.run(&["workspace"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("TT_WORKSPACE_INVALID"), "{}", run.stderr);
}
