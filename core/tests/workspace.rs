//! Workspaces of real repositories, made by git and asked for through the file system. Where git has an opinion, it is the judge.
#![cfg(feature = "host")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tasktrail::Code;
use tasktrail::workspace::{Workspace, WorkspaceKind, derive_workspace_id, discover_with_salt};
use tempfile::TempDir;

const SALT: &str = "a user's own salt";

/// A folder for repositories, without links in its own path, and a git that knows no settings but its own.
struct Lab {
    folder: PathBuf,
    _temporary: TempDir,
}

impl Lab {
    fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Lab {
            folder: temporary.path().canonicalize().unwrap(),
            _temporary: temporary,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn try_git(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        command
            .current_dir(folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.path("no-such-file"))
            // Whatever lies around the folder for temporary files is no part of the test.
            .env("GIT_CEILING_DIRECTORIES", &self.folder)
            .args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"])
            .args([
                "-c",
                "user.name=Ann",
                "-c",
                "user.email=ann@example.org",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .output()
            .expect("these tests need git")
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.try_git(folder, arguments);
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end_matches('\n')
            .to_owned()
    }

    /// A repository with one commit.
    fn repository(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        self.git(&path, &["init", "--quiet"]);
        fs::create_dir(path.join("src")).unwrap();
        fs::write(path.join("src/main.rs"), "").unwrap();
        self.git(&path, &["add", "."]);
        self.git(&path, &["commit", "--quiet", "--message=First"]);
        path
    }

    /// The workspace at a path, after git has agreed on its identity, its top and its branch.
    fn agreed(&self, path: &Path) -> Workspace {
        let found = find(path);
        assert_eq!(found.warnings, [] as [&str; 0], "{}", path.display());
        let common = self.git(path, &["rev-parse", "--path-format=absolute", "--git-common-dir"]);
        assert_eq!(
            found.workspace_id,
            derive_workspace_id(&common, SALT).unwrap(),
            "{}",
            path.display()
        );
        if self.git(path, &["rev-parse", "--is-inside-work-tree"]) == "true" {
            assert_eq!(found.root, self.git(path, &["rev-parse", "--show-toplevel"]));
            assert_eq!(found.worktree_path.as_ref(), Some(&found.root));
        }
        let branch = self.try_git(path, &["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let branch = branch
            .status
            .success()
            .then(|| String::from_utf8(branch.stdout).unwrap().trim_end().to_owned());
        assert_eq!(found.branch, branch, "{}", path.display());
        found
    }
}

fn find(path: &Path) -> Workspace {
    discover_with_salt(path, SALT).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_folder_of_a_repository_is_in_its_workspace() {
    let lab = Lab::new();
    let repository = lab.repository("some äpp");
    let top = lab.agreed(&repository);
    assert_eq!(
        (top.kind, top.root.as_str()),
        (WorkspaceKind::Repository, text(&repository))
    );
    assert_eq!(top.branch.as_deref(), Some("main"));
    assert_eq!(top.identity_path, text(&repository.join(".git")));
    assert_eq!(lab.agreed(&repository.join("src")), top);
    assert_eq!(find(&repository.join("src/main.rs")), top);
    assert_eq!(find(&repository.join("src/../src/.")), top);
    assert_eq!(find(&repository.join(".git/refs")), top);
    assert_eq!(
        find(Path::new(&format!("file://{}", text(&repository).replace(' ', "%20")))),
        top
    );
    lab.git(&repository, &["checkout", "--quiet", "-b", "feature/ünï"]);
    assert_eq!(lab.agreed(&repository).branch.as_deref(), Some("feature/ünï"));
    lab.git(&repository, &["checkout", "--quiet", "--detach"]);
    assert_eq!(lab.agreed(&repository).branch, None);
}

#[test]
fn linked_worktrees_have_the_id_of_their_repository() {
    let lab = Lab::new();
    let repository = lab.repository("app");
    let id = lab.agreed(&repository).workspace_id;
    for (place, arguments) in [
        ("elsewhere/v3-project-7", &["-b", "topic"][..]),
        ("app/.worktrees/inside", &["-b", "inside"]),
        ("a b/détaché", &["--detach"]),
    ] {
        let tree = lab.path(place);
        let mut command = vec!["worktree", "add", "--quiet"];
        command.extend(arguments);
        command.push(text(&tree));
        lab.git(&repository, &command);
        for path in [tree.clone(), tree.join("src")] {
            let found = lab.agreed(&path);
            assert_eq!(
                (found.kind, &found.workspace_id),
                (WorkspaceKind::Worktree, &id),
                "{place}"
            );
            assert_eq!(found.root, text(&tree));
        }
        let git = PathBuf::from(lab.git(&tree, &["rev-parse", "--absolute-git-dir"]));
        assert_eq!(find(&git), find(&tree), "asked inside of its git folder");
    }
    let moved = lab.path("moved");
    lab.git(
        &repository,
        &[
            "worktree",
            "move",
            text(&lab.path("elsewhere/v3-project-7")),
            text(&moved),
        ],
    );
    assert_eq!(lab.agreed(&moved).workspace_id, id);
}

#[test]
fn worktrees_with_relative_paths_survive_a_move_of_everything() {
    let lab = Lab::new();
    let repository = lab.repository("all/app");
    let tree = lab.path("all/trees/topic");
    lab.git(
        &repository,
        &[
            "-c",
            "worktree.useRelativePaths=true",
            "worktree",
            "add",
            "--quiet",
            text(&tree),
        ],
    );
    if fs::read_to_string(tree.join(".git")).unwrap().starts_with("gitdir: /") {
        // A git before 2.48 takes no notice of the setting: write what a later one does. The extension comes last, as this git refuses it.
        fs::write(tree.join(".git"), "gitdir: ../../app/.git/worktrees/topic\n").unwrap();
        fs::write(
            repository.join(".git/worktrees/topic/gitdir"),
            "../../../../trees/topic/.git\n",
        )
        .unwrap();
        let id = lab.agreed(&tree).workspace_id;
        assert_eq!(id, lab.agreed(&repository).workspace_id);
        lab.git(&repository, &["config", "core.repositoryFormatVersion", "1"]);
        lab.git(&repository, &["config", "extensions.relativeWorktrees", "true"]);
        assert_eq!(find(&tree).workspace_id, id);
    }
    let same = |all: &Path| {
        let (main, linked) = (find(&all.join("app")), find(&all.join("trees/topic/src")));
        assert_eq!(
            (linked.kind, &linked.workspace_id),
            (WorkspaceKind::Worktree, &main.workspace_id)
        );
        assert_eq!(
            (linked.root.as_str(), linked.branch.as_deref()),
            (text(&all.join("trees/topic")), Some("topic"))
        );
        assert_eq!(
            find(&all.join("app/.git/worktrees/topic")),
            find(&all.join("trees/topic"))
        );
        main.workspace_id
    };
    let before = same(&lab.path("all"));
    fs::rename(lab.path("all"), lab.path("renamed")).unwrap();
    assert_ne!(same(&lab.path("renamed")), before, "another path is another workspace");
}

#[test]
fn submodules_and_nested_repositories_have_ids_of_their_own() {
    let lab = Lab::new();
    let (library, app) = (lab.repository("library"), lab.repository("app"));
    let deepest = lab.repository("deepest");
    lab.git(&library, &["submodule", "--quiet", "add", text(&deepest), "deep"]);
    lab.git(&library, &["commit", "--quiet", "--message=Deep"]);
    lab.git(&app, &["submodule", "--quiet", "add", text(&library), "modules/lib"]);
    lab.git(&app, &["submodule", "--quiet", "update", "--init", "--recursive"]);
    lab.git(&app, &["commit", "--quiet", "--message=Library"]);
    let (module, deep) = (app.join("modules/lib"), app.join("modules/lib/deep"));
    let nested = lab.repository("app/vendor/nested");
    let tree = lab.path("tree");
    lab.git(&app, &["worktree", "add", "--quiet", text(&tree)]);
    lab.git(&tree, &["submodule", "--quiet", "update", "--init"]);
    let module_in_tree = tree.join("modules/lib");
    let tree_of_module = lab.path("tree-of-module");
    lab.git(
        &module,
        &["worktree", "add", "--quiet", "-b", "topic", text(&tree_of_module)],
    );

    let mut ids = Vec::new();
    for (path, kind) in [
        (&app, WorkspaceKind::Repository),
        (&library, WorkspaceKind::Repository),
        (&module, WorkspaceKind::Submodule),
        (&deep, WorkspaceKind::Submodule),
        (&module_in_tree, WorkspaceKind::Submodule),
        (&nested, WorkspaceKind::Repository),
    ] {
        let found = lab.agreed(&path.join("src"));
        assert_eq!((found.kind, found.root.as_str()), (kind, text(path)));
        let git = PathBuf::from(lab.git(path, &["rev-parse", "--absolute-git-dir"]));
        assert_eq!(find(&git), found, "asked inside of its git folder");
        ids.push(found.workspace_id);
    }
    let module = &ids[2];
    assert_eq!(&lab.agreed(&tree_of_module).workspace_id, module);
    assert_eq!(lab.agreed(&tree_of_module).kind, WorkspaceKind::Worktree);
    assert_eq!(lab.agreed(&tree).workspace_id, ids[0]);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
}

#[test]
fn a_bare_repository_and_its_worktrees_are_one_workspace() {
    let lab = Lab::new();
    let source = lab.repository("source");
    for (name, bare, opened) in [
        ("one", "repo.git", "repo.git"),
        ("two", ".bare", "."),
        ("three", ".git", ".git"),
    ] {
        let folder = lab.path(name);
        let bare = folder.join(bare);
        fs::create_dir_all(&folder).unwrap();
        lab.git(&folder, &["clone", "--quiet", "--bare", text(&source), text(&bare)]);
        if opened == "." {
            fs::write(folder.join(".git"), "gitdir: ./.bare\n").unwrap();
        }
        let opened = folder.join(opened).canonicalize().unwrap();
        let found = lab.agreed(&opened);
        assert_eq!((found.kind, found.worktree_path), (WorkspaceKind::Bare, None), "{name}");
        assert_eq!(found.root, text(&opened));
        assert_eq!(lab.agreed(&bare.join("refs/heads")).workspace_id, found.workspace_id);
        let tree = folder.join("topic");
        lab.git(&bare, &["worktree", "add", "--quiet", "-b", "topic", text(&tree)]);
        let linked = lab.agreed(&tree.join("src"));
        assert_eq!(
            (linked.kind, &linked.workspace_id),
            (WorkspaceKind::Worktree, &found.workspace_id),
            "{name}"
        );
        // Moves `core.bare` from the common configuration to the repository's own.
        lab.git(&tree, &["sparse-checkout", "set", "src"]);
        assert!(
            fs::read_to_string(bare.join("config.worktree"))
                .unwrap()
                .contains("bare")
        );
        assert_eq!(lab.agreed(&opened).kind, WorkspaceKind::Bare);
        assert_eq!(lab.agreed(&tree), linked);
    }
}

#[test]
fn a_git_folder_may_lie_elsewhere() {
    let lab = Lab::new();
    let repository = lab.repository("app");
    let elsewhere = lab.path("modules/app-git");
    fs::create_dir(lab.path("modules")).unwrap();
    lab.git(
        &repository,
        &["init", "--quiet", "--separate-git-dir", text(&elsewhere)],
    );
    let found = lab.agreed(&repository.join("src"));
    assert_eq!(
        (found.kind, found.root.as_str()),
        (WorkspaceKind::Repository, text(&repository))
    );
    assert_eq!(found.identity_path, text(&elsewhere));
    // Asked there, it says where its working tree is, when it knows.
    lab.git(&repository, &["config", "core.worktree", "../../app"]);
    assert_eq!(find(&elsewhere), found);
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_workspace_behind_it() {
    use std::os::unix::fs::symlink;
    let lab = Lab::new();
    let repository = lab.repository("deep/below/app");
    let id = find(&repository).workspace_id;
    for (link, target) in [
        ("app", "deep/below/app"),
        ("deep-link", "deep/below"),
        ("sources", "deep/below/app/src"),
        ("again", "app"),
    ] {
        symlink(target, lab.path(link)).unwrap();
    }
    for path in ["app", "app/src", "deep-link/app", "sources", "again"] {
        let found = lab.agreed(&lab.path(path));
        assert_eq!(
            (found.workspace_id.as_str(), found.root.as_str()),
            (id.as_str(), text(&repository)),
            "{path}"
        );
    }
    let tree = lab.path("tree");
    lab.git(&lab.path("again"), &["worktree", "add", "--quiet", text(&tree)]);
    assert_eq!(lab.agreed(&tree).workspace_id, id);
    // Pointers through links: `..` counts from where a link leads.
    symlink(repository.join(".git/worktrees/tree"), lab.path("pointer")).unwrap();
    fs::write(tree.join(".git"), format!("gitdir: {}\n", text(&lab.path("pointer")))).unwrap();
    assert_eq!(lab.agreed(&tree).workspace_id, id);
    // The git folder itself.
    let other = lab.path("other");
    fs::create_dir(&other).unwrap();
    symlink(repository.join(".git"), other.join(".git")).unwrap();
    assert_eq!(lab.agreed(&other).workspace_id, id);
    symlink("round", lab.path("round")).unwrap();
    let round = find(&lab.path("round"));
    assert_eq!(
        (round.kind, !round.warnings.is_empty()),
        (WorkspaceKind::Folder, true),
        "{:?}",
        round.warnings
    );
}

#[test]
fn a_broken_git_file_leaves_the_folder_to_itself_and_says_why() {
    let lab = Lab::new();
    let app = lab.repository("app");
    let tree = lab.path("pruned");
    lab.git(&app, &["worktree", "add", "--quiet", text(&tree)]);
    fs::remove_dir_all(app.join(".git/worktrees/pruned")).unwrap();
    let tree = lab.path("uncommon");
    lab.git(&app, &["worktree", "add", "--quiet", text(&tree)]);
    fs::write(
        app.join(".git/worktrees/uncommon/commondir"),
        "../../../no-such-folder\n",
    )
    .unwrap();
    let headless = lab.path("headless");
    lab.git(&app, &["worktree", "add", "--quiet", text(&headless)]);
    fs::write(app.join(".git/worktrees/headless/HEAD"), "nothing\n").unwrap();
    let away = format!("gitdir: {}\n", text(&lab.path("no/such/folder")));
    for (name, content) in [
        ("empty", &b""[..]),
        ("blank", b"\n \n"),
        ("garbage", b"\x00\xff\xfe garbage"),
        ("other", b"ref: refs/heads/main\n"),
        ("unspaced", b"gitdir:../app/.git\n"),
        ("nowhere", b"gitdir: \n"),
        ("lines", b"gitdir: ../app/.git\nmore\n"),
        ("away", away.as_bytes()),
        ("itself", b"gitdir: .git\n"),
        ("up", b"gitdir: ..\n"),
        ("file", b"gitdir: ../app/src/main.rs\n"),
        ("no-git", b"gitdir: ../app/src\n"),
        ("undecodable", b"gitdir: ../app/\xff.git\n"),
        ("long", &[b'x'; 100_000]),
    ] {
        lab.write(&format!("{name}/.git"), content);
    }
    let mut names: Vec<_> = fs::read_dir(&lab.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name != "app");
    assert_eq!(names.len(), 17);
    for name in names {
        let folder = lab.path(&name);
        assert!(
            !lab.try_git(&folder, &["rev-parse", "--git-dir"]).status.success(),
            "git takes {name} for whole"
        );
        let found = find(&folder);
        assert_eq!(
            (found.kind, found.root.as_str()),
            (WorkspaceKind::Folder, text(&folder)),
            "{name}"
        );
        assert_eq!(found.workspace_id, derive_workspace_id(text(&folder), SALT).unwrap());
        assert_eq!((found.worktree_path, found.branch), (None, None));
        assert_eq!(found.warnings.len(), 1, "{name}: {:?}", found.warnings);
        let says = if name == "uncommon" {
            "commondir` names"
        } else {
            ".git` "
        };
        assert!(found.warnings[0].contains(says), "{name}: {:?}", found.warnings);
    }
    // Neither is what lies above taken for it.
    let inside = lab
        .write("app/broken/.git", "gitdir: ../no-such-folder")
        .with_file_name("below");
    fs::create_dir(&inside).unwrap();
    assert_eq!(
        find(&inside).workspace_id,
        derive_workspace_id(text(&inside), SALT).unwrap()
    );
}

#[test]
fn what_only_looks_like_a_git_folder_is_passed_over() {
    let lab = Lab::new();
    let app = lab.repository("app");
    let id = find(&app).workspace_id;
    fs::create_dir_all(app.join("empty/.git")).unwrap();
    lab.write("app/headless/.git/config", "[core]\n");
    lab.write("app/other/HEAD", "ref: refs/heads/main\n");
    lab.write("app/strange/.git/HEAD", "not a head\n");
    for name in ["empty", "headless", "other", "strange"] {
        assert_eq!(lab.agreed(&app.join(name)).workspace_id, id, "{name}");
    }
    #[cfg(unix)]
    {
        fs::create_dir(app.join("pipe")).unwrap();
        assert!(
            Command::new("mkfifo")
                .arg(app.join("pipe/.git"))
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(find(&app.join("pipe")).workspace_id, id, "a pipe is not waited for");
    }
}

#[test]
fn outside_git_a_folder_is_its_own_workspace() {
    let lab = Lab::new();
    let folder = lab.path("plain");
    fs::create_dir(&folder).unwrap();
    let found = find(&folder);
    assert_eq!(
        (found.kind, found.root.as_str()),
        (WorkspaceKind::Folder, text(&folder))
    );
    assert_eq!(found.workspace_id, derive_workspace_id(text(&folder), SALT).unwrap());
    assert_eq!(found.warnings, [] as [&str; 0]);
    let gone = find(&lab.path("gone"));
    assert_eq!(
        (gone.kind, gone.warnings.len()),
        (WorkspaceKind::Folder, 1),
        "{:?}",
        gone.warnings
    );
}

#[test]
fn a_relative_path_is_taken_from_the_current_folder() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(find(Path::new(".")), find(&here));
    assert_eq!(find(Path::new("src")), find(&here.join("src")));
}

#[test]
fn what_is_no_path_or_salt_is_refused() {
    for (path, salt, field) in [
        ("", SALT, "path"),
        ("a\0b", SALT, "path"),
        ("https://example.org/", SALT, "path"),
        ("/", "short", "salt"),
    ] {
        let error = discover_with_salt(path, salt).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (Code::WorkspaceInvalid, Some(field)),
            "{path:?}"
        );
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let path = std::ffi::OsStr::from_bytes(b"/a\xff");
        assert_eq!(discover_with_salt(path, SALT).unwrap_err().field(), Some("path"));
    }
}
