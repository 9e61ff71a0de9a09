//! Paths of folders as hosts write them, and the one spelling of each that a workspace id is made of.

use std::iter::Skip;
use std::str::Split;

use percent_encoding::percent_decode_str;

use super::unicode::nfc;

/// Bytes of the longest path: what Windows allows, and eight times what Linux does.
const MAX_PATH: usize = 32 * 1024;

/// An absolute path, taken apart. Without empty, `.` or `..` parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FolderPath {
    system: System,
    /// What the system puts in front: nothing, `C:`, `//server/share`, or `//wsl.localhost/Ubuntu`.
    root: String,
    /// Each name with a slash before it; empty at the root.
    names: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Posix,
    /// Either slash separates, and case does not count.
    Windows,
    /// A Linux system as Windows sees it.
    Wsl,
}

impl FolderPath {
    /// Reads a POSIX path, a Windows one (drive, UNC, `\\?\`), or a `file:` or `vscode-remote:` URI. `None` for what is relative, names
    /// no folder, or is longer than 32 KiB.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_PATH {
            return None;
        }
        let Some((scheme, rest)) = scheme(text) else {
            return Self::from_plain(text);
        };
        let file = scheme.eq_ignore_ascii_case("file");
        if !file && !scheme.eq_ignore_ascii_case("vscode-remote") {
            return None;
        }
        // What follows `?` or `#` is no part of the path; in names both are percent-encoded.
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let authority = percent_decode_str(authority).decode_utf8().ok()?;
        // An extension runs where the folder is, so a remote's name is not part of the identity. A file server's is.
        if !file || authority.is_empty() || authority.eq_ignore_ascii_case("localhost") {
            Self::from_plain(&path).filter(|_| path.starts_with('/'))
        } else if starts_with_drive(&authority) {
            // `file://C:/folder`, a slash short.
            Self::from_plain(&format!("{authority}{path}"))
        } else {
            Self::from_plain(&format!("//{authority}{path}")).filter(|path| path.system != System::Posix)
        }
    }

    fn from_plain(text: &str) -> Option<Self> {
        if text.contains('\0') {
            return None;
        }
        let mut text = text;
        // `\\?\C:\folder` and `\\?\UNC\server\share`: the same names without the limits of the older interface; `\\.\` likewise.
        let device = ["\\\\?\\", "\\\\.\\", "//?/", "//./"];
        let mut share = false;
        if let Some(rest) = device.iter().find_map(|prefix| text.strip_prefix(prefix)) {
            match rest.split_at_checked(4) {
                Some((unc, rest)) if unc.eq_ignore_ascii_case("unc\\") || unc.eq_ignore_ascii_case("unc/") => {
                    (share, text) = (true, rest);
                }
                _ if starts_with_drive(rest) => text = rest,
                // A volume by its number, with no other spelling.
                _ => {}
            }
        }
        // `/c:/folder` is how URIs write `c:\folder`.
        if let Some(rest) = text.strip_prefix('/').filter(|rest| starts_with_drive(rest)) {
            text = rest;
        }
        if !share {
            if starts_with_drive(text) {
                let (drive, rest) = text.split_at_checked(2)?;
                return Some(Self::new(System::Windows, drive.to_owned(), rest.split(['/', '\\'])));
            }
            // POSIX leaves two slashes to the system, and takes three or more for one.
            share = text.starts_with("\\\\") || text.starts_with("//") && !text.starts_with("///");
        }
        if share {
            let mut names = text.split(['/', '\\']).filter(|name| !name.is_empty());
            if let (Some(server), Some(name)) = (names.next(), names.next())
                && !matches!(server, "." | "..")
                && !matches!(name, "." | "..")
            {
                // A device with a slash too many.
                if server == "?" && (starts_with_drive(name) || name.eq_ignore_ascii_case("unc")) {
                    return None;
                }
                let wsl = server.eq_ignore_ascii_case("wsl$") || server.eq_ignore_ascii_case("wsl.localhost");
                let system = if wsl { System::Wsl } else { System::Windows };
                return Some(Self::new(system, format!("//{server}/{name}"), names));
            }
        }
        // Two slashes before a single name are no share.
        let path = text
            .starts_with('/')
            .then(|| Self::new(System::Posix, String::new(), text.split('/')))?;
        match path.names.strip_prefix('/') {
            // `/./c:/folder`, a drive after all.
            Some(names) if starts_with_drive(names) => Self::from_plain(names),
            _ => Some(path),
        }
    }

    fn new<'a>(system: System, root: String, names: impl Iterator<Item = &'a str>) -> Self {
        let mut path = FolderPath {
            system,
            root,
            names: String::new(),
        };
        path.append(names);
        path
    }

    /// Goes down these folders; `..` goes up.
    pub(super) fn append<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            match name {
                "" | "." => {}
                ".." => {
                    self.go_up();
                }
                name => {
                    self.names.push('/');
                    self.names.push_str(name);
                }
            }
        }
    }

    /// What a file inside this folder means by `pointer`, which is relative to the folder or absolute. `None` when it is too long or no path.
    pub(super) fn resolve(&self, pointer: &str) -> Option<Self> {
        if pointer.is_empty() || pointer.contains('\0') || pointer.len() > MAX_PATH {
            return None;
        }
        if let Some(mut absolute) = Self::from_plain(pointer) {
            // Written by the Linux system, in its own terms.
            if (self.system, absolute.system) == (System::Wsl, System::Posix) {
                (absolute.system, absolute.root) = (System::Wsl, self.root.clone());
            }
            return Some(absolute);
        }
        let mut path = self.clone();
        if path.system == System::Windows {
            path.append(pointer.split(['/', '\\']));
        } else {
            path.append(pointer.split('/'));
        }
        Some(path)
    }

    /// The folder or file of this name inside this one.
    pub(super) fn child(&self, name: &str) -> Self {
        let mut path = self.clone();
        path.append(name.split('/'));
        path
    }

    /// Goes one folder up; `false` at the root.
    pub(super) fn go_up(&mut self) -> bool {
        let last = self.names.rfind('/');
        self.names.truncate(last.unwrap_or_default());
        last.is_some()
    }

    /// The name of this folder; empty at the root.
    pub(super) fn name(&self) -> &str {
        self.names.rsplit('/').next().unwrap_or_default()
    }

    /// The names from the root down to this folder.
    pub(super) fn names(&self) -> Skip<Split<'_, char>> {
        self.names.split('/').skip(1)
    }

    /// The root of the same system.
    pub(super) fn root(&self) -> Self {
        FolderPath {
            system: self.system,
            root: self.root.clone(),
            names: String::new(),
        }
    }

    /// The path for whoever opens files by it: with forward slashes, which Windows takes too, and its names as they were given.
    pub(super) fn to_text(&self) -> String {
        // A drive alone would be the folder that is current there.
        let names = if self.names.is_empty() { "/" } else { &self.names };
        [&self.root, names].concat()
    }

    /// The one spelling that names this folder, whatever the system and the form in which its path came.
    pub(super) fn identity(&self) -> String {
        let text = match (self.system, self.names.as_str()) {
            (System::Windows, names) => [&self.root, names].concat(),
            (_, "") => "/".to_owned(),
            (_, names) => names.to_owned(),
        };
        let text = nfc(&text);
        if self.system == System::Windows {
            // Letter by letter, as Windows compares: it has one sigma, wherever it stands in a word.
            text.chars()
                .flat_map(char::to_lowercase)
                .map(|letter| if letter == 'ς' { 'σ' } else { letter })
                .collect()
        } else {
            text.into_owned()
        }
    }
}

/// Splits `scheme:rest`; `None` for a path. A single letter is a drive.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let named = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (named && rest.starts_with('/')).then_some((scheme, rest))
}

fn starts_with_drive(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && matches!(bytes.next(), None | Some(b'/' | b'\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(path: &str) -> Option<String> {
        FolderPath::parse(path).map(|path| path.identity())
    }

    #[test]
    fn spellings_of_a_folder_agree() {
        for spellings in [
            &[
                "/a/b",
                "/a/b/",
                "/a//b",
                "///a/b",
                "/a/./c/../b",
                "/../a/b",
                "file:///a/b",
                "file:/a/b",
                "FILE://localhost/a/b/",
            ][..],
            &[
                "/a/b",
                "vscode-remote://ssh-remote+box/a/b",
                "vscode-remote://dev-container%2B7b22/a/b?x=1#top",
            ],
            &[
                "/a b/ü",
                "file:///a%20b/%c3%bc",
                "file:///a%20b/%C3%BC",
                "/a b/u\u{308}",
                "file:///a b/u%CC%88",
            ],
            &["/a#b?c", "file:///a%23b%3fc"],
            &[
                "/ậ/각",
                "/a\u{302}\u{323}/\u{1100}\u{1161}\u{11a8}",
                "/a\u{323}\u{302}/각",
                "/â\u{323}/\u{ac00}\u{11a8}",
            ],
            &[
                "C:\\Users\\Änn",
                "c:/users/änn/",
                "c:\\USERS\\x\\..\\ÄNN",
                "/C:/Users/Änn",
                "file:///c%3A/Users/%C3%84nn",
                "file:///C:/Users/A%CC%88nn",
                "file://c:/Users/Änn",
                "vscode-remote://ssh-remote+box/c:/Users/Änn",
                "\\\\?\\C:\\Users\\Änn",
                "\\\\.\\c:\\Users\\Änn",
                "//?/C:/Users/Änn",
            ],
            &["C:\\ΟΔΟΣ", "c:/οδος", "c:/οδοσ"],
            &["C:\\", "c:", "c:/", "/c:", "C:\\..\\..", "file:///C:/"],
            &[
                "\\\\Server\\Share\\x",
                "//server/share/X/",
                "\\\\?\\UNC\\server\\share\\x",
                "//?/unc/server/share/x",
                "file://server/share/x",
                "file:////server/share/x",
                "\\\\server\\share\\..\\x",
            ],
            &[
                "/home/Ann/b\u{e9}",
                "\\\\wsl$\\Ubuntu\\home\\Ann\\be\u{301}",
                "\\\\wsl.localhost\\Ubuntu\\home\\Ann\\bé\\",
                "//WSL.LOCALHOST/Ubuntu/home/Ann/bé",
                "\\\\?\\UNC\\wsl$\\Ubuntu\\home\\Ann\\bé",
                "file://wsl.localhost/Ubuntu/home/Ann/b%C3%A9",
                "file://wsl%24/Ubuntu/home/Ann/b%c3%a9",
                "vscode-remote://wsl+Ubuntu/home/Ann/b%C3%A9",
                "vscode-remote://wsl%2BUbuntu/home/Ann/bé",
            ],
            &["/", "//", "/..", "file:///", "\\\\wsl$\\Ubuntu"],
            &["/work", "//work"],
        ] {
            for spelling in spellings {
                assert_eq!(identity(spelling), identity(spellings[0]), "{spelling}");
                assert!(identity(spelling).is_some(), "{spelling}");
            }
        }
    }

    #[test]
    fn different_folders_do_not_agree() {
        let paths = [
            "/a",
            "/A",
            "/a/b",
            "/b",
            "/a\\b",
            "/ ",
            "/%20",
            "C:\\a",
            "D:\\a",
            "\\\\a\\b\\c",
            "\\\\b\\a\\c",
            "\\\\wsl$\\Ubuntu\\c",
            "/mnt/c/a",
            "\\\\?\\Volume{7}\\a",
            "/ｎ",
            "/n",
        ];
        let identities: std::collections::BTreeSet<_> = paths.iter().map(|path| identity(path).unwrap()).collect();
        assert_eq!(identities.len(), paths.len(), "{identities:?}");
    }

    #[test]
    fn what_names_no_folder_is_none() {
        let long = format!("/{}", "a".repeat(MAX_PATH));
        for path in [
            "",
            "a",
            "./a",
            "../a",
            "a/b:c",
            "~",
            "~/a",
            "C:a",
            "\\a",
            "\\\\server",
            "file:a",
            "file://server",
            "vscode-remote://wsl+Ubuntu",
            "https://example.org/a",
            "untitled:/a",
            "/a\0b",
            "file:///a%00b",
            "file:///%ff",
            "vscode-remote:C:/a",
            &long,
        ] {
            assert_eq!(identity(path), None, "{path:.40}");
        }
    }

    #[test]
    fn a_pointer_is_read_in_terms_of_the_folder_that_it_is_in() {
        let resolve = |folder: &str, pointer: &str| {
            FolderPath::parse(folder)
                .unwrap()
                .resolve(pointer)
                .map(|path| path.to_text())
        };
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(resolve("/a/b", "../c/.git"), some("/a/c/.git"));
        assert_eq!(resolve("/a/b", "/c"), some("/c"));
        assert_eq!(resolve("/a/b", "c\\d"), some("/a/b/c\\d"));
        assert_eq!(resolve("/a/b", "C:/x"), some("C:/x"));
        assert_eq!(resolve("C:\\a\\b", "..\\c/d"), some("C:/a/c/d"));
        assert_eq!(resolve("C:\\", ".."), some("C:/"));
        assert_eq!(
            resolve("\\\\wsl$\\Ubuntu\\a", "/repo/.git"),
            some("//wsl$/Ubuntu/repo/.git")
        );
        assert_eq!(resolve("\\\\server\\share\\a", "../../../b"), some("//server/share/b"));
        assert_eq!((resolve("/a", ""), resolve("/a", "b\0")), (None, None));
    }

    proptest! {
        #[test]
        fn any_text_is_a_folder_or_none(text in "\\PC*|(/|\\\\|//\\?/|file:|vscode-remote://|C:|wsl\\$|%|\\.|\\PC){0,12}") {
            if let Some(path) = FolderPath::parse(&text) {
                let text = path.to_text();
                let again = FolderPath::parse(&text).expect("what is written can be read");
                prop_assert_eq!(again.identity(), path.identity());
                prop_assert!(path.resolve(&text).is_some());
            }
        }

        #[test]
        fn a_detour_and_an_encoding_change_nothing(parts in prop::collection::vec("[^/\\\\\\x00]{1,6}", 1..5), at in 0_usize..5) {
            let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !matches!(*part, "." | "..")).collect();
            let plain = format!("/x/{}", parts.join("/"));
            let mut detour = parts.clone();
            let at = at.min(detour.len());
            for part in ["..", "y", "", "."] {
                detour.insert(at, part);
            }
            let expected = identity(&plain);
            prop_assert!(expected.is_some());
            prop_assert_eq!(identity(&format!("/x/{}/", detour.join("/"))), expected.clone());
            let upper: String = plain.bytes().map(|byte| if byte == b'/' { "/".into() } else { format!("%{byte:02X}") }).collect();
            prop_assert_eq!(identity(&format!("file://{upper}")), expected.clone());
            prop_assert_eq!(identity(&format!("vscode-remote://wsl+Ubuntu{}", upper.to_lowercase())), expected.clone());
            prop_assert_eq!(identity(&format!("\\\\wsl$\\Ubuntu{}", plain.replace('/', "\\"))), expected.clone());
            let windows = identity(&format!("C:{plain}"));
            prop_assert_eq!(identity(&format!("\\\\?\\c:{}", plain.replace('/', "\\"))), windows.clone());
            prop_assert_eq!(identity(&format!("file:///c%3a{upper}")), windows);
        }
    }
}
