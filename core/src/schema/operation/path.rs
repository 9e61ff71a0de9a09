//! A path in segments: bounded, without query string, with the places where it may begin.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::words;

/// Most of a path that is read, in bytes.
const MAX_BYTES: usize = 4_096;
/// Most segments of a path that are read.
pub(super) const MAX_SEGMENTS: usize = 32;
/// How many segments a prefix has at most: `/my/service/api/v1`.
const MAX_PREFIX: usize = 4;
/// Most segments of a rule's path: so few that a path which was cut off never ends where a rule does.
pub(super) const MAX_RULE_SEGMENTS: usize = 24;
const _: () = assert!(MAX_PREFIX + MAX_RULE_SEGMENTS < MAX_SEGMENTS);

/// What a segment of a path or template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    /// Text: in a template a literal, in a path a word or a value.
    Text(&'a str),
    /// `:name` or `{name}`, which takes any one segment.
    Parameter(&'a str),
    /// `*`, which takes all that is left.
    Rest,
}

impl<'a> Segment<'a> {
    fn of(text: &'a str) -> Self {
        if text.starts_with('*') {
            return Segment::Rest;
        }
        if text.starts_with(':') || text.starts_with('{') || text.starts_with('<') {
            let name = text.trim_start_matches([':', '{', '<']);
            // What follows is a pattern or a mark of the framework: `:id(\\d+)`, `{id:[0-9]+}`, `:id?`.
            let end = name
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(name.len());
            return Segment::Parameter(name.get(..end).unwrap_or_default());
        }
        Segment::Text(text)
    }
}

/// The segments of a path, and the places behind a prefix such as `/api/v1` from which it may be read as well.
#[derive(Debug)]
pub(super) struct Path<'a> {
    segments: [&'a str; MAX_SEGMENTS],
    len: usize,
    starts: [usize; MAX_PREFIX + 1],
    starts_len: usize,
}

impl<'a> Path<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut end = text.len().min(MAX_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default();
        let text = text.split(['?', '#']).next().unwrap_or_default();
        let mut path = Path {
            segments: [""; MAX_SEGMENTS],
            len: 0,
            starts: [0; MAX_PREFIX + 1],
            starts_len: 1,
        };
        for (slot, segment) in path
            .segments
            .iter_mut()
            .zip(text.split('/').filter(|part| !part.is_empty()))
        {
            *slot = segment;
            path.len += 1;
        }
        path.find_starts();
        path
    }

    /// Behind `api` and versions, which plain words may precede: `/rest/api/v1`. A prefix leaves something to name.
    fn find_starts(&mut self) {
        let last = self.len.saturating_sub(1).min(MAX_PREFIX);
        if !self.texts().iter().take(last).any(|segment| is_prefix(segment)) {
            return;
        }
        for at in 0..last {
            let Some(segment) = self.text(at) else { return };
            if is_prefix(segment) {
                if let Some(slot) = self.starts.get_mut(self.starts_len) {
                    *slot = at + 1;
                    self.starts_len += 1;
                }
            } else if self.starts_len > 1 || !words::is_word(segment) || words::is_plural(segment) {
                return;
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn texts(&self) -> &[&'a str] {
        self.segments.get(..self.len).unwrap_or_default()
    }

    pub(super) fn text(&self, at: usize) -> Option<&'a str> {
        self.texts().get(at).copied()
    }

    pub(super) fn segment(&self, at: usize) -> Option<Segment<'a>> {
        self.text(at).map(Segment::of)
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = Segment<'a>> {
        self.texts().iter().map(|text| Segment::of(text))
    }

    /// Where the path may be read from, from its beginning to behind its whole prefix.
    pub(super) fn starts(&self) -> &[usize] {
        self.starts.get(..self.starts_len).unwrap_or_default()
    }

    /// Behind its whole prefix.
    pub(super) fn start(&self) -> usize {
        self.starts().last().copied().unwrap_or_default()
    }

    /// Whether it has a `*`, so that positions in it say nothing of positions in a path.
    pub(super) fn has_rest(&self) -> bool {
        self.texts().iter().any(|segment| segment.contains('*'))
    }
}

fn is_prefix(segment: &str) -> bool {
    let is_version = || {
        segment.strip_prefix(['v', 'V']).is_some_and(|number| {
            number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
    };
    segment.eq_ignore_ascii_case("api") || is_version()
}

/// The value of a segment, percent-decoded.
pub(super) fn decoded(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_bounded_and_without_query_and_fragment() {
        assert_eq!(Path::new("//api/tasks/t1/?x=/y#z").texts(), ["api", "tasks", "t1"]);
        assert_eq!(Path::new("/tasks#/x?y").texts(), ["tasks"]);
        assert_eq!(Path::new("").len(), 0);
        assert_eq!(Path::new(&"/a".repeat(5_000_000)).len(), MAX_SEGMENTS);
        assert_eq!(Path::new(&"ä".repeat(5_000_000)).text(0).unwrap().len(), MAX_BYTES);
    }

    #[test]
    fn a_path_may_begin_behind_its_prefix() {
        for (path, starts) in [
            ("/tasks", &[0][..]),
            ("/api", &[0]),
            ("/api/tasks", &[0, 1]),
            ("/API/V2.1/tasks", &[0, 1, 2]),
            ("/v2/tasks", &[0, 1]),
            ("/rest/api/tasks", &[0, 2]),
            ("/my/service/api/tasks", &[0, 3]),
            ("/projects/blue/api/keys", &[0]),
            ("/service/7/api/keys", &[0]),
            ("/api/internal/v1/tasks", &[0, 1]),
            ("/videos/v1/tasks", &[0]),
        ] {
            assert_eq!(Path::new(path).starts(), starts, "{path}");
        }
    }

    #[test]
    fn parameters_are_known_as_each_framework_writes_them() {
        for text in [":id", "{id}", "<id>", ":id(\\d+)", "{id:[0-9]+}", ":id?"] {
            assert_eq!(Segment::of(text), Segment::Parameter("id"), "{text}");
        }
        assert_eq!(Segment::of("*splat"), Segment::Rest);
        assert_eq!(Segment::of("7:publish"), Segment::Text("7:publish"));
    }
}
