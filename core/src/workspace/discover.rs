//! Which workspace is a folder part of? The rules of git, without the reading of files: a host reads them in its own way.

use serde::Serialize;

use super::WorkspaceKey;
use super::git::{self, Config};
use super::path::FolderPath;
use crate::error::Result;

/// Folders that are looked at on the way up.
const MAX_LEVELS: usize = 128;
/// Bytes of a file that matter; the first lines decide.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// What a folder belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum WorkspaceKind {
    /// The main working tree of a git repository.
    Repository,
    /// A linked worktree; it has the id of the repository that it was made from.
    Worktree,
    /// A submodule; it has an id of its own.
    Submodule,
    /// A repository without a working tree.
    Bare,
    /// A folder outside git.
    Folder,
}

/// The workspace of a folder. Its paths are this machine's own: they are for showing and for `X-Worktree-Path`; the id tells nothing of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// `ws_` and 26 characters of base32: of the git common folder, which all worktrees of a clone share, or of the folder outside git.
    pub workspace_id: String,
    /// What the folder belongs to.
    pub kind: WorkspaceKind,
    /// Absolute path, with forward slashes: top of the working tree, a bare repository's own folder, or the folder outside git.
    pub root: String,
    /// Top of the working tree, for `X-Worktree-Path`; null where there is none.
    pub worktree_path: Option<String>,
    /// The branch that is checked out; null with a detached `HEAD`, outside git, and where git keeps it in a reftable.
    pub branch: Option<String>,
    /// What was found broken and how it was taken, for people; empty as a rule.
    pub warnings: Vec<String>,
    /// The path that the id is made of. It stays out of the JSON: nobody needs it but who wants to understand an id.
    #[serde(skip)]
    pub identity_path: String,
}

/// What [`Discovery`] asks of its host next. Paths have forward slashes; nothing is ever written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// The text of this file; no answer when it is not there, or is not a file. More than 64 KiB of it are not looked at.
    ReadText(String),
    /// The real path of this folder, without symbolic links; no answer when that cannot be found.
    RealPath(String),
    /// The end.
    Done(Box<Workspace>),
}

/// A discovery under way: it says what it wants to know and is told, so that any host can read in its own way, at once or later.
///
/// ```
/// use tasktrail::workspace::{Discovery, Step};
///
/// # fn main() -> tasktrail::Result<()> {
/// let mut discovery = Discovery::new("/home/ann/app/src", "the user's own salt")?;
/// let workspace = loop {
///     match discovery.step() {
///         Step::ReadText(path) if path == "/home/ann/app/.git/HEAD" => discovery.answer(Some("ref: refs/heads/main\n".into())),
///         Step::ReadText(_) => discovery.answer(None),
///         Step::RealPath(path) => discovery.answer(Some(path.clone())),
///         Step::Done(workspace) => break workspace,
///     }
/// };
/// assert_eq!(workspace.root, "/home/ann/app");
/// assert_eq!(workspace.branch.as_deref(), Some("main"));
/// # Ok(())
/// # }
/// ```
// The rules are one straight function over the answers so far. Each answer runs it again from the start, up to the first question that has
// none: there are some dozens of them, and no state to get wrong.
#[derive(Debug)]
pub struct Discovery {
    asked: FolderPath,
    key: WorkspaceKey,
    answers: Vec<Answer>,
    step: Step,
}

#[derive(Debug)]
enum Answer {
    Text(String),
    Path(FolderPath),
    Absent,
    Failed(String),
}

impl Discovery {
    /// Starts at the folder `path`; for path and salt see [`super::derive_workspace_id`].
    ///
    /// # Errors
    /// [`crate::Code::WorkspaceInvalid`], naming `path` or `salt`.
    pub fn new(path: &str, salt: &str) -> Result<Self> {
        let key = WorkspaceKey::new(salt)?;
        let asked = super::folder(path)?;
        let step = Step::RealPath(asked.to_text());
        Ok(Discovery {
            asked,
            key,
            answers: Vec::new(),
            step,
        })
    }

    /// What is to be done now.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// The answer to the present step; `None` when there is no such file or path.
    pub fn answer(&mut self, text: Option<String>) {
        self.take(match (text, &self.step) {
            (None, _) => Answer::Absent,
            (Some(path), Step::RealPath(_)) => FolderPath::parse(&path).map_or(Answer::Absent, Answer::Path),
            (Some(mut text), _) => {
                let end = (0..=MAX_TEXT.min(text.len()))
                    .rev()
                    .find(|at| text.is_char_boundary(*at));
                text.truncate(end.unwrap_or_default());
                Answer::Text(text)
            }
        });
    }

    /// Says that the present step failed although there may be such a file. It counts as absent, and the reason becomes a warning.
    pub fn fail(&mut self, reason: impl Into<String>) {
        self.take(Answer::Failed(reason.into()));
    }

    fn take(&mut self, answer: Answer) {
        if matches!(self.step, Step::Done(_)) {
            return;
        }
        self.answers.push(answer);
        let mut search = Search {
            key: &self.key,
            answers: self.answers.iter(),
            warnings: Vec::new(),
        };
        self.step = search
            .workspace(&self.asked)
            .map_or_else(|step| step, |workspace| Step::Done(Box::new(workspace)));
    }
}

/// One run over the answers so far. `Err` is the next question.
struct Search<'a> {
    key: &'a WorkspaceKey,
    answers: std::slice::Iter<'a, Answer>,
    warnings: Vec<String>,
}

/// A repository, as its files say.
struct Repository {
    kind: WorkspaceKind,
    /// The folder that names it.
    common: FolderPath,
    root: FolderPath,
    branch: Option<String>,
}

/// How a git folder was come by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    /// As `.git` in this folder.
    Folder,
    /// By the `.git` file in this folder.
    File,
    /// This folder is one itself.
    Itself,
}

/// A repository, or what is broken about the one that should be there.
type Verdict = Result<Repository, String>;

impl<'a> Search<'a> {
    fn workspace(&mut self, asked: &FolderPath) -> Result<Workspace, Step> {
        let start = match self.real(asked)? {
            Some(start) => start,
            None => {
                self.warnings.push(format!(
                    "the real path of `{}` cannot be found, so its spelling decides",
                    asked.to_text()
                ));
                asked.clone()
            }
        };
        let mut folder = start.clone();
        for _ in 0..MAX_LEVELS {
            match self.repository_at(&folder)? {
                Some(Ok(repository)) => return Ok(self.of_repository(repository)),
                Some(Err(broken)) => {
                    // Whatever lies above is another repository: git stops here too.
                    self.warnings
                        .push(format!("{broken}; the folder stands for itself until that is mended"));
                    break;
                }
                None => {}
            }
            if !folder.go_up() {
                break;
            }
        }
        let root = start.to_text();
        Ok(self.finish(&start, WorkspaceKind::Folder, root, None, None))
    }

    /// The repository that has its working tree or itself in this very folder.
    fn repository_at(&mut self, folder: &FolderPath) -> Result<Option<Verdict>, Step> {
        if let Some(head) = self.read_head(folder, ".git/HEAD")? {
            let git = folder.child(".git");
            let git = self.real(&git)?.unwrap_or(git);
            return self.repository(folder, git, head, Found::Folder).map(Some);
        }
        if let Some(text) = self.read(folder, ".git")? {
            return self.by_file(folder, text).map(Some);
        }
        if let Some(head) = self.read_head(folder, "HEAD")?
            && (self.read(folder, "config")?.is_some() || self.read(folder, "commondir")?.is_some())
        {
            return self.repository(folder, folder.clone(), head, Found::Itself).map(Some);
        }
        Ok(None)
    }

    fn by_file(&mut self, folder: &FolderPath, text: &str) -> Result<Verdict, Step> {
        let file = || folder.child(".git").to_text();
        let pointer = match git::git_file(text) {
            Ok(pointer) => pointer,
            Err(fault) => return Ok(Err(format!("`{}` {fault}", file()))),
        };
        let Some(git) = folder.resolve(pointer) else {
            return Ok(Err(format!("`{}` names what is no path", file())));
        };
        let git = self.real(&git)?.unwrap_or(git);
        match self.read_head(&git, "HEAD")? {
            Some(head) => self.repository(folder, git, head, Found::File),
            None => Ok(Err(format!(
                "`{}` names `{}`, where no git folder is (`git worktree repair` or `git submodule update --init` can mend it)",
                file(),
                git.to_text()
            ))),
        }
    }

    fn repository(&mut self, folder: &FolderPath, git: FolderPath, head: &str, found: Found) -> Result<Verdict, Step> {
        let pointer = self.read(&git, "commondir")?.map(git::path_line);
        let common = match pointer {
            None => git.clone(),
            Some(pointer) => {
                let Some(common) = git.resolve(pointer) else {
                    return Ok(Err(format!(
                        "`{}` names what is no path",
                        git.child("commondir").to_text()
                    )));
                };
                let common = self.real(&common)?.unwrap_or(common);
                if self.read_head(&common, "HEAD")?.is_none() {
                    return Ok(Err(format!(
                        "`{}` names `{}`, where no git repository is",
                        git.child("commondir").to_text(),
                        common.to_text()
                    )));
                }
                common
            }
        };
        let (kind, root) = if pointer.is_some() {
            let root = match found {
                Found::Itself => self.tree_of_worktree(&git)?.unwrap_or_else(|| git.clone()),
                _ => folder.clone(),
            };
            (WorkspaceKind::Worktree, root)
        } else {
            self.own_tree(folder, &git, found)?
        };
        Ok(Ok(Repository {
            kind,
            common,
            root,
            branch: git::branch(head).map(str::to_owned),
        }))
    }

    /// Kind and working tree of a repository that is nobody's linked worktree.
    fn own_tree(
        &mut self,
        folder: &FolderPath,
        git: &FolderPath,
        found: Found,
    ) -> Result<(WorkspaceKind, FolderPath), Step> {
        let mut config = Config::default();
        if let Some(text) = self.read(git, "config")? {
            config.read(text);
            if config.per_worktree
                && let Some(text) = self.read(git, "config.worktree")?
            {
                config.read(text);
            }
        }
        if config.bare {
            return Ok((WorkspaceKind::Bare, folder.clone()));
        }
        let root = match (found, &config.worktree) {
            (Found::Itself, Some(tree)) => git.resolve(tree).unwrap_or_else(|| git.clone()),
            (Found::Itself, None) => {
                let mut root = git.clone();
                if root.name() == ".git" {
                    root.go_up();
                }
                root
            }
            _ => folder.clone(),
        };
        let kind = if found != Found::Folder && self.is_module(git)? {
            WorkspaceKind::Submodule
        } else {
            WorkspaceKind::Repository
        };
        Ok((kind, root))
    }

    /// Where the linked worktree is whose git folder this is: it names the `.git` file there.
    fn tree_of_worktree(&mut self, git: &FolderPath) -> Result<Option<FolderPath>, Step> {
        let file = self.read(git, "gitdir")?.map(git::path_line);
        Ok(file.and_then(|file| git.resolve(file)).map(|mut tree| {
            tree.go_up();
            tree
        }))
    }

    /// Whether a git folder lies in the `modules` of another one: that of a submodule does.
    fn is_module(&mut self, git: &FolderPath) -> Result<bool, Step> {
        let mut folder = git.clone();
        // A path with the name in it more often than this is no work of git's.
        let mut tries = 8;
        while tries > 0 && folder.go_up() {
            if folder.name() == "modules" {
                let mut outer = folder.clone();
                outer.go_up();
                if self.read_head(&outer, "HEAD")?.is_some() {
                    return Ok(true);
                }
                tries -= 1;
            }
        }
        Ok(false)
    }

    fn of_repository(&mut self, repository: Repository) -> Workspace {
        let Repository {
            kind,
            common,
            root,
            branch,
        } = repository;
        let root = root.to_text();
        let tree = (kind != WorkspaceKind::Bare).then(|| root.clone());
        self.finish(&common, kind, root, tree, branch)
    }

    fn finish(
        &mut self,
        identity: &FolderPath,
        kind: WorkspaceKind,
        root: String,
        worktree_path: Option<String>,
        branch: Option<String>,
    ) -> Workspace {
        let identity_path = identity.identity();
        Workspace {
            workspace_id: self.key.id(&identity_path),
            kind,
            root,
            worktree_path,
            branch,
            warnings: std::mem::take(&mut self.warnings),
            identity_path,
        }
    }

    fn read_head(&mut self, folder: &FolderPath, name: &str) -> Result<Option<&'a str>, Step> {
        Ok(self.read(folder, name)?.filter(|text| git::is_head(text)))
    }

    fn read(&mut self, folder: &FolderPath, name: &str) -> Result<Option<&'a str>, Step> {
        Ok(match self.ask(|| Step::ReadText(folder.child(name).to_text()))? {
            Answer::Text(text) => Some(text),
            _ => None,
        })
    }

    fn real(&mut self, folder: &FolderPath) -> Result<Option<FolderPath>, Step> {
        Ok(match self.ask(|| Step::RealPath(folder.to_text()))? {
            Answer::Path(path) => Some(path.clone()),
            _ => None,
        })
    }

    /// The answer to the next question; the question itself is only put into words when there is none yet.
    fn ask(&mut self, question: impl FnOnce() -> Step) -> Result<&'a Answer, Step> {
        let answer = self.answers.next().ok_or_else(question)?;
        if let Answer::Failed(reason) = answer {
            self.warnings.push(reason.clone());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SALT: &str = "a user's own salt";

    /// Runs a discovery over files by their paths; answers its end and the number of questions.
    fn run(path: &str, read: impl Fn(&str) -> Option<String>) -> (Workspace, usize) {
        let mut discovery = Discovery::new(path, SALT).unwrap();
        let mut questions = 0;
        loop {
            let answer = match discovery.step() {
                Step::ReadText(path) => read(path),
                Step::RealPath(path) => Some(path.clone()),
                Step::Done(workspace) => return ((**workspace).clone(), questions),
            };
            discovery.answer(answer);
            questions += 1;
        }
    }

    fn in_files(path: &str, files: &[(&str, &str)]) -> Workspace {
        run(path, |path| {
            files
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
        })
        .0
    }

    const HEAD: &str = "ref: refs/heads/main\n";

    #[test]
    fn a_folder_on_windows_is_found_with_either_slash_and_in_any_case() {
        let files = [
            ("C:/Src/app/.git/HEAD", HEAD),
            ("D:/trees/topic/.git", "gitdir: C:/Src/app/.git/worktrees/topic\n"),
            ("C:/Src/app/.git/worktrees/topic/HEAD", HEAD),
            ("C:/Src/app/.git/worktrees/topic/commondir", "..\\..\r\n"),
        ];
        let main = in_files("C:\\Src\\app\\src", &files);
        assert_eq!(
            (main.kind, main.root.as_str()),
            (WorkspaceKind::Repository, "C:/Src/app")
        );
        assert_eq!(main.identity_path, "c:/src/app/.git");
        let linked = in_files("file:///D%3A/trees/topic", &files);
        assert_eq!(
            (linked.kind, linked.root.as_str()),
            (WorkspaceKind::Worktree, "D:/trees/topic")
        );
        assert_eq!(linked.workspace_id, main.workspace_id);
    }

    #[test]
    fn a_worktree_in_wsl_is_the_same_from_windows_and_from_inside() {
        let files = [
            ("/home/a/tree/.git", "gitdir: /home/a/app/.git/worktrees/tree\n"),
            ("/home/a/app/.git/worktrees/tree/HEAD", HEAD),
            ("/home/a/app/.git/worktrees/tree/commondir", "../..\n"),
            ("/home/a/app/.git/HEAD", HEAD),
        ];
        let inside = in_files("vscode-remote://wsl+Ubuntu/home/a/tree", &files);
        let seen = |server: &str| {
            let files = files.map(|(path, text)| (format!("//{server}/Ubuntu{path}"), text));
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
            in_files(&format!("\\\\{server}\\Ubuntu\\home\\a\\tree"), &files)
        };
        for server in ["wsl$", "wsl.localhost"] {
            let outside = seen(server);
            assert_eq!(outside.kind, WorkspaceKind::Worktree);
            assert_eq!(outside.workspace_id, inside.workspace_id);
        }
        assert_eq!(inside.identity_path, "/home/a/app/.git");
    }

    #[test]
    fn a_host_without_real_paths_and_a_read_that_fails_are_mentioned() {
        let mut discovery = Discovery::new("/a", SALT).unwrap();
        assert_eq!(discovery.step(), &Step::RealPath("/a".into()));
        discovery.answer(None);
        assert_eq!(discovery.step(), &Step::ReadText("/a/.git/HEAD".into()));
        discovery.fail("cannot read `/a/.git/HEAD`: permission denied");
        while !matches!(discovery.step(), Step::Done(_)) {
            discovery.answer(None);
        }
        let Step::Done(end) = discovery.step().clone() else {
            panic!("it is not done")
        };
        assert_eq!(end.kind, WorkspaceKind::Folder);
        assert_eq!(end.warnings.len(), 2, "{:?}", end.warnings);
        assert!(end.warnings[1].contains("permission denied"));
        discovery.answer(Some("more".into()));
        assert_eq!(discovery.step(), &Step::Done(end));
    }

    #[test]
    fn the_way_up_ends() {
        let deep = "/a".repeat(1_000);
        let (workspace, questions) = run(&deep, |_| None);
        assert_eq!((workspace.kind, workspace.root), (WorkspaceKind::Folder, deep));
        assert_eq!(questions, 1 + 3 * MAX_LEVELS);
    }

    #[test]
    fn a_text_of_any_length_is_cut_and_does_no_harm() {
        let long = format!("gitdir: /{}", "ä".repeat(MAX_TEXT));
        let workspace = in_files("/a", &[("/a/.git", &long)]);
        assert_eq!(workspace.kind, WorkspaceKind::Folder);
        assert!(
            workspace.warnings[0].contains("longer than 4 KiB"),
            "{:?}",
            workspace.warnings
        );
    }

    proptest! {
        /// Whatever the files say, also when each reading says something else.
        #[test]
        fn a_discovery_always_ends(
            path in "(/|C:/|//wsl\\$/u/)((a|b|modules|\\.git)/){0,6}",
            texts in prop::collection::vec(
                prop_oneof![
                    Just(None),
                    Just(Some(HEAD.to_owned())),
                    "gitdir: (/|C:/|\\.\\./|\\./){0,3}((a|b|modules|worktrees|\\.git|\\.\\.)/?){0,6}\n?".prop_map(Some),
                    "((/|\\.\\.|a|\\.git)/?){0,4}\n?".prop_map(Some),
                    "\\[(core|extensions)\\]\n(bare|worktree|worktreeConfig) ?=? ?(true|1|\\.\\./b|\\PC{0,4})\n".prop_map(Some),
                    "\\PC{0,20}".prop_map(Some),
                ],
                1..24,
            ),
        ) {
            let mut discovery = Discovery::new(&path, SALT).unwrap();
            let mut questions = 0;
            while !matches!(discovery.step(), Step::Done(_)) {
                discovery.answer(texts[questions % texts.len()].clone());
                questions += 1;
                prop_assert!(questions < 1 + 3 * MAX_LEVELS + 32);
            }
            let Step::Done(workspace) = discovery.step() else { panic!("it is not done") };
            prop_assert_eq!(super::super::derive_workspace_id(&workspace.identity_path, SALT).ok(), Some(workspace.workspace_id.clone()));
        }
    }
}
