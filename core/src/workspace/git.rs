//! What the small files of a git repository say. Reading follows git's own rules (gitrepository-layout(5), git-config(1)).

/// Bytes of the longest `.git` file that is taken for one: room for any path that a system allows.
const MAX_GIT_FILE: usize = 4 * 1024;

/// Where a `.git` file points, or what is wrong with it.
pub(super) fn git_file(text: &str) -> Result<&str, &'static str> {
    if text.trim().is_empty() {
        return Err("is empty");
    }
    if text.len() > MAX_GIT_FILE {
        return Err("is longer than 4 KiB");
    }
    let pointer = text.strip_prefix("gitdir: ").ok_or("does not begin with `gitdir: `")?;
    match path_line(pointer) {
        "" => Err("names no folder after `gitdir: `"),
        path if path.contains(['\n', '\r', '\0']) => Err("has more than one line"),
        path => Ok(path),
    }
}

/// A file's only line, a path: it may begin or end with spaces, so only the line's end goes.
pub(super) fn path_line(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}

/// Whether the text is that of a repository's `HEAD`: `ref: refs/…`, or a commit's SHA-1 or SHA-256.
pub(super) fn is_head(text: &str) -> bool {
    let text = text.trim_end();
    match text.strip_prefix("ref:") {
        Some(name) => name.trim_start().starts_with("refs/"),
        None => matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
    }
}

/// The branch that `HEAD` names. A repository with reftables keeps it elsewhere and has a stand-in here.
pub(super) fn branch(head: &str) -> Option<&str> {
    let name = head
        .trim_end()
        .strip_prefix("ref:")?
        .trim_start()
        .strip_prefix("refs/heads/")?;
    (!name.is_empty() && name != ".invalid").then_some(name)
}

/// What matters here of a repository's configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// `core.bare`: it has no working tree.
    pub(super) bare: bool,
    /// `core.worktree`: where its working tree is, relative to the git folder.
    pub(super) worktree: Option<String>,
    /// `extensions.worktreeConfig`: `config.worktree` beside it has a say too.
    pub(super) per_worktree: bool,
}

impl Config {
    /// Takes in what a file says. Later files and lines win; a line that cannot be read is passed over.
    pub(super) fn read(&mut self, text: &str) {
        let mut section = "";
        for line in text.lines() {
            let mut line = line.trim();
            if let Some(rest) = line.strip_prefix('[') {
                let Some((name, rest)) = rest.split_once(']') else {
                    continue;
                };
                section = name.trim();
                line = rest.trim_start();
            }
            if line.starts_with(['#', ';']) {
                continue;
            }
            // A key alone is true.
            let (key, text) = line.split_once('=').unwrap_or((line, "true"));
            let key = key.trim();
            let is = |in_section: &str, name: &str| {
                section.eq_ignore_ascii_case(in_section) && key.eq_ignore_ascii_case(name)
            };
            if is("core", "bare") {
                self.bare = is_true(&value(text));
            } else if is("core", "worktree") {
                self.worktree = Some(value(text)).filter(|text| !text.is_empty());
            } else if is("extensions", "worktreeConfig") {
                self.per_worktree = is_true(&value(text));
            }
        }
    }
}

/// A value without its quotes, escapes and comment.
fn value(text: &str) -> String {
    let mut value = String::new();
    // How much of it stays when the spaces at the end go: all that was quoted, and up to the last other character.
    let mut kept = 0;
    let (mut quoted, mut letters) = (false, text.trim_start().chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '#' | ';' if !quoted => break,
            '\\' => match letters.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(other) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
        if quoted || !letter.is_whitespace() {
            kept = value.len();
        }
    }
    value.truncate(kept);
    value
}

fn is_true(text: &str) -> bool {
    ["true", "yes", "on"].iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_file_names_its_folder_or_says_what_is_wrong() {
        assert_eq!(git_file("gitdir: ../.git/modules/a b \r\n"), Ok("../.git/modules/a b "));
        for (text, reason) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("gitdir:/x", "does not begin with `gitdir: `"),
            ("ref: refs/heads/main\n", "does not begin with `gitdir: `"),
            ("gitdir: \n", "names no folder after `gitdir: `"),
            ("gitdir: /a\n/b\n", "has more than one line"),
            (&format!("gitdir: {}", "a".repeat(5_000)), "is longer than 4 KiB"),
        ] {
            assert_eq!(git_file(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn a_head_names_a_branch_or_a_commit() {
        let (sha1, sha256) = ("0123456789abcdef0123456789abcdef01234567", "a".repeat(64));
        for (text, expected) in [
            ("ref: refs/heads/feature/x\n", Some(Some("feature/x"))),
            ("ref:refs/heads/main", Some(Some("main"))),
            ("ref: refs/heads/.invalid\n", Some(None)),
            ("ref: refs/remotes/origin/main\n", Some(None)),
            (sha1, Some(None)),
            (&sha256, Some(None)),
            ("", None),
            ("ref: main", None),
            ("0123", None),
            ("head\n", None),
        ] {
            assert_eq!(is_head(text).then(|| branch(text)), expected, "{text:?}");
        }
    }

    #[test]
    fn a_configuration_is_read_as_git_reads_it() {
        let read = |text: &str| {
            let mut config = Config::default();
            config.read(text);
            (config.bare, config.worktree, config.per_worktree)
        };
        assert_eq!(read("[core]\n\tbare = true\n"), (true, None, false));
        assert_eq!(read("[CORE] Bare\n"), (true, None, false));
        assert_eq!(read("[core]\nbare = yes ; none\nbare = off"), (false, None, false));
        assert_eq!(
            read("[other]\nbare = true\n[core \"x\"]\nbare = true"),
            (false, None, false)
        );
        assert_eq!(
            read("[core]\n\tworktree = \"../a # b \" # c\n[extensions]\nworktreeconfig = 1"),
            (false, Some("../a # b ".into()), true)
        );
        assert_eq!(
            read("[core]\nworktree = C:\\\\a b  \n"),
            (false, Some("C:\\a b".into()), false)
        );
        for text in ["[", "[core", "[core]\n=\n\\", "[core]\nworktree=\"", "]", "\u{0}"] {
            assert_eq!(read(text), (false, None, false), "{text:?}");
        }
    }
}
