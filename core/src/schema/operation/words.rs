//! Words of an address: which segment is one and which is an id, and the singular of one.
//!
//! Only a word may enter an operation type. A word is made of ASCII letters, with `-` and `_` between them, and does not look like
//! something that a machine made up; everything else is a value. So no id can end up in a type, however it is spelled.

/// Longest segment that can be a word, in bytes.
const LONGEST: usize = 40;
/// Longest run of letters without a boundary inside a word; "internationalization" has 20.
const LONGEST_RUN: usize = 20;
/// Most that one word takes of a type, in bytes: two and a dot are at most 128.
const ROOM: usize = 60;

/// Words with a digit in them. Any other segment with a digit is taken for an id.
const DIGIT_WORDS: &[&str] = &[
    "2fa", "oauth1", "oauth2", "saml2", "s3", "ec2", "k8s", "i18n", "l10n", "a11y", "mp3", "mp4", "p2p", "b2b", "b2c",
    "web3", "x509", "sha256", "base64",
];

/// Plurals that no rule of endings yields.
const IRREGULAR: &[(&str, &str)] = &[
    ("aliases", "alias"),
    ("analyses", "analysis"),
    ("atlases", "atlas"),
    ("axes", "axis"),
    ("biases", "bias"),
    ("caches", "cache"),
    ("canvases", "canvas"),
    ("children", "child"),
    ("cookies", "cookie"),
    ("crises", "crisis"),
    ("criteria", "criterion"),
    ("diagnoses", "diagnosis"),
    ("excuses", "excuse"),
    ("halves", "half"),
    ("headaches", "headache"),
    ("heroes", "hero"),
    ("hypotheses", "hypothesis"),
    ("indices", "index"),
    ("lenses", "lens"),
    ("matrices", "matrix"),
    ("men", "man"),
    ("mice", "mouse"),
    ("movies", "movie"),
    ("niches", "niche"),
    ("people", "person"),
    ("quizzes", "quiz"),
    ("selfies", "selfie"),
    ("shelves", "shelf"),
    ("syntheses", "synthesis"),
    ("theses", "thesis"),
    ("ties", "tie"),
    ("uses", "use"),
    ("vertices", "vertex"),
    ("women", "woman"),
    ("zombies", "zombie"),
];

/// Words for many things that have no other form.
const COLLECTIVE: &[&str] = &[
    "analytics",
    "data",
    "feedback",
    "media",
    "metadata",
    "news",
    "series",
    "species",
    "staff",
    "statistics",
];

/// Words for one thing that end like a plural.
const SINGULAR: &[&str] = &[
    "alias", "always", "atlas", "aws", "bias", "canvas", "chaos", "cms", "cors", "css", "devops", "dns", "gas", "gps",
    "https", "ios", "js", "kudos", "lens", "ops", "os", "paas", "pos", "saas", "sas", "sms", "sso", "tls", "ts", "yes",
];

/// Whether a segment may be spelled in an operation type.
pub(super) fn is_word(segment: &str) -> bool {
    if segment.len() > LONGEST {
        return false;
    }
    let word = trimmed(segment);
    let (mut letters, mut upper, mut hex, mut run) = (0, 0, 0, 0);
    let mut before = b'-';
    for byte in word.bytes() {
        match byte {
            b'a'..=b'z' => run += 1,
            b'A'..=b'Z' => {
                upper += 1;
                run = if before.is_ascii_lowercase() { 1 } else { run + 1 };
            }
            b'-' | b'_' => run = 0,
            b'0'..=b'9' => {}
            _ => return false,
        }
        letters += usize::from(byte.is_ascii_alphabetic());
        hex += usize::from(byte.is_ascii_hexdigit());
        if run > LONGEST_RUN {
            return false;
        }
        before = byte;
    }
    // Random letters mix their cases more than any camelCase does.
    let mixed = letters >= 10 && upper < letters && upper * 3 > letters;
    let is_long_hex =
        hex >= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') || hex >= 8 && hex == word.len();
    letters > 0 && !mixed && !is_long_hex && parts(word).all(|part| !has_digit(part) || is_one_of(part, DIGIT_WORDS))
}

/// Whether a word names many things, as the name of a collection does.
pub(super) fn is_plural(word: &str) -> bool {
    let word = trimmed(word);
    let ending = Ending::of(word);
    ending.cut > 0 || !ending.instead.is_empty() || is_one_of(last_part(word), COLLECTIVE)
}

/// Whether a word is the plural or singular of a kind: `widgets`, `Widget` of `widget`.
pub(super) fn is_kind(word: &str, kind: &str) -> bool {
    let mut singular = String::with_capacity(ROOM);
    push_singular(&mut singular, word);
    singular == kind
}

/// Adds the singular of a word, in the spelling of types: lower case, `_` between its parts.
pub(super) fn push_singular(out: &mut String, word: &str) {
    let ending = Ending::of(trimmed(word));
    push(out, word);
    // Only letters are cut, and they are the last that was pushed.
    out.truncate(out.len().saturating_sub(ending.cut));
    out.push_str(ending.instead);
}

/// Adds a word in the spelling of types.
pub(super) fn push(out: &mut String, word: &str) {
    let start = out.len();
    let mut before = b'_';
    for part in parts(trimmed(word)) {
        if out.len() > start {
            out.push('_');
        }
        // The one known word that begins with a digit, as no type may.
        if part.eq_ignore_ascii_case("2fa") {
            out.push_str("two_factor");
            continue;
        }
        for byte in part.bytes() {
            if byte.is_ascii_uppercase() && before.is_ascii_lowercase() {
                out.push('_');
            }
            out.push(char::from(byte.to_ascii_lowercase()));
            before = byte;
        }
        before = b'_';
    }
    out.truncate(out.len().min(start + ROOM));
}

/// How a word's plural becomes its singular: so many bytes go from its end and these come instead.
struct Ending {
    cut: usize,
    instead: &'static str,
}

impl Ending {
    fn of(word: &str) -> Self {
        let last = last_part(word);
        let ends = |end: &str| {
            let at = last.len().checked_sub(end.len());
            at.and_then(|at| last.get(at..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        };
        let cut = |cut: usize, instead: &'static str| Ending { cut, instead };
        if let Some((plural, singular)) = IRREGULAR.iter().find(|(plural, _)| last.eq_ignore_ascii_case(plural)) {
            return cut(plural.len(), singular);
        }
        let unchanged = is_one_of(last, COLLECTIVE) || is_one_of(last, SINGULAR);
        if unchanged || last.len() < 3 || !ends("s") || ["ss", "us", "is"].into_iter().any(ends) {
            return cut(0, "");
        }
        if last.len() > 4 && ends("ies") {
            return cut(3, "y");
        }
        let takes_es = ["sses", "ches", "shes", "xes", "zzes"].into_iter().any(ends)
            // Buses and statuses, but not houses and clauses.
            || ends("uses") && !ends("ouses") && !ends("auses");
        cut(if takes_es { 2 } else { 1 }, "")
    }
}

fn trimmed(segment: &str) -> &str {
    segment.trim_matches(['-', '_'])
}

fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(['-', '_']).filter(|part| !part.is_empty())
}

fn last_part(word: &str) -> &str {
    word.rsplit(['-', '_']).next().unwrap_or_default()
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_not_words() {
        for id in [
            "7",
            "0042",
            "-1",
            "550e8400-e29b-41d4-a716-446655440000",
            "550E8400-E29B-41D4-A716-446655440000",
            "abcdefab-cdef-abcd-efab-cdefabcdefab",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "507f1f77bcf86cd799439011",
            "deadbeef",
            "deadbeefcafebabedeadbeefcafebabe",
            "V1StGXR8_Z5jdHi6B-myT",
            "kQvBmXeZPdLsNwRtYuIoA",
            "cjld2cjxh0000qzrmn831i7rn",
            "tz4a98xxat96iws9zmbrgj3a",
            "qwertyuiopasdfghjklzxcvbn",
            "task-17",
            "t1",
            "ws_a1",
            "v1.2",
            "a@example.org",
            "a%40example.org",
            "caf%C3%A9",
            "café",
            "report.pdf",
            ":id",
            "{id}",
            "~",
            "-",
            "__",
            "",
            "12:publish",
            "a-word-that-goes-on-for-longer-than-any-word-would",
        ] {
            assert!(!is_word(id), "{id}");
        }
    }

    #[test]
    fn words_are_words_in_any_spelling() {
        for (segment, expected) in [
            ("widgets", "widgets"),
            ("WIDGETS", "widgets"),
            ("work-items", "work_items"),
            ("workItems", "work_items"),
            ("work__items_", "work_items"),
            ("_search", "search"),
            ("getUserByEmail", "get_user_by_email"),
            ("decade", "decade"),
            ("oauth2-clients", "oauth2_clients"),
            ("2fa", "two_factor"),
            ("internationalization", "internationalization"),
        ] {
            assert!(is_word(segment), "{segment}");
            let mut word = String::new();
            push(&mut word, segment);
            assert_eq!(word, expected);
        }
    }

    #[test]
    fn singulars_are_english() {
        for (plural, singular) in [
            ("tasks", "task"),
            ("statuses", "status"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("categories", "category"),
            ("Policies", "policy"),
            ("aliases", "alias"),
            ("buses", "bus"),
            ("processes", "process"),
            ("classes", "class"),
            ("analyses", "analysis"),
            ("indexes", "index"),
            ("indices", "index"),
            ("branches", "branch"),
            ("caches", "cache"),
            ("hashes", "hash"),
            ("houses", "house"),
            ("databases", "database"),
            ("phases", "phase"),
            ("responses", "response"),
            ("archives", "archive"),
            ("quizzes", "quiz"),
            ("sizes", "size"),
            ("people", "person"),
            ("children", "child"),
            ("keys", "key"),
            ("ties", "tie"),
            ("work-items", "work_item"),
            ("workItems", "work_item"),
            ("login_aliases", "login_alias"),
            ("ads", "ad"),
        ] {
            let mut word = String::new();
            push_singular(&mut word, plural);
            assert_eq!(word, singular, "{plural}");
            assert!(is_plural(plural), "{plural}");
            let again = word.clone();
            word.clear();
            push_singular(&mut word, &again);
            assert_eq!(word, again, "a singular has no other singular");
            assert!(!is_plural(&again), "{again}");
        }
    }

    #[test]
    fn collectives_and_words_that_only_end_like_plurals_stay() {
        for word in ["news", "series", "media", "data", "user-data"] {
            let mut singular = String::new();
            push_singular(&mut singular, word);
            assert_eq!(singular, word.replace('-', "_"));
            assert!(is_plural(word), "{word}");
        }
        for word in [
            "status", "address", "analysis", "alias", "sms", "dns", "process", "access", "bonus", "is", "s",
        ] {
            assert!(!is_plural(word), "{word}");
        }
    }
}
