//! What a person sees who does not know the command yet.

use std::process::{Command, Stdio};

use tasktrail::schema::EVENT_TYPES;

use crate::support::User;

const COMMANDS: [&str; 10] = [
    "emit",
    "tail",
    "query",
    "show",
    "export",
    "stats",
    "workspace",
    "spool",
    "doctor",
    "completions",
];

#[test]
fn every_command_has_help_with_examples() {
    let user = User::with_a_file();
    let all = user.run(&["--help"]).ok().stdout;
    for command in COMMANDS {
        assert!(all.contains(command), "{command}");
        let help = user.run(&[command, "--help"]).ok().stdout;
        assert!(
            help.contains("Examples:") && help.contains(&format!("tasktrail {command}")),
            "{command}: {help}"
        );
        assert!(!help.contains('\u{1b}'));
    }
    assert!(all.contains("Exit codes:"));
    assert_eq!(
        user.run(&["--version"]).ok().stdout,
        format!("tasktrail {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(user.run(&[]).code, Some(2));
}

#[test]
fn shells_are_given_completions_that_they_can_read() {
    let user = User::with_a_file();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = user.run(&["completions", shell]).ok().stdout;
        assert!(COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
        // The others complete names alone.
        if ["bash", "zsh"].contains(&shell) {
            assert!(EVENT_TYPES.iter().all(|known| script.contains(known.name)), "{shell}");
        }
        if shell == "bash" {
            let mut check = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
            std::io::Write::write_all(&mut check.stdin.take().unwrap(), script.as_bytes()).unwrap();
            assert!(check.wait().unwrap().success());
        }
    }
    let run = user.run(&["completions", "tcsh"]);
    assert_eq!(run.code, Some(2), "{run:?}");
}
