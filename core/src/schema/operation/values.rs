//! The values of an address: what stands where its template has parameters, or its words have ids.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::path::{Path, Segment, decoded};
use super::words;

/// The values of an address, by position in what describes it: its route's template, or the path itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    shape: &'a Path<'a>,
    path: &'a Path<'a>,
    params: &'a BTreeMap<String, String>,
    /// Segments that the path has more, in front; `None` when it is not the template's.
    ahead: Option<usize>,
}

impl<'a> Values<'a> {
    pub(super) fn new(shape: &'a Path<'a>, path: &'a Path<'a>, params: &'a BTreeMap<String, String>) -> Self {
        // A template may lack what its router is mounted on. Where its literals are not the path's, the path was rewritten.
        let ahead = path.len().checked_sub(shape.len()).filter(|ahead| {
            (0..shape.len()).all(|at| match shape.segment(at) {
                Some(Segment::Text(literal)) => path.text(at + ahead).is_some_and(|text| {
                    text.eq_ignore_ascii_case(literal) || decoded(text).eq_ignore_ascii_case(literal)
                }),
                _ => true,
            })
        });
        Values {
            shape,
            path,
            params,
            ahead,
        }
    }

    pub(super) fn shape(&self) -> &'a Path<'a> {
        self.shape
    }

    pub(super) fn has_word(&self) -> bool {
        (self.shape.start()..self.shape.len())
            .any(|at| matches!(self.shape.segment(at), Some(Segment::Text(text)) if words::is_word(text)))
    }

    /// The value at a position; `None` where only its name is known.
    pub(super) fn at(&self, at: usize) -> Option<Cow<'a, str>> {
        let in_path = self.ahead.and_then(|ahead| self.path.segment(at + ahead));
        match (in_path, self.shape.segment(at)) {
            (Some(Segment::Text(text)), _) => Some(decoded(text)),
            (_, Some(Segment::Parameter(name))) => self.params.get(name).map(|value| Cow::Borrowed(value.as_str())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_where_path_and_template_agree_and_asked_for_by_name_elsewhere() {
        let params = BTreeMap::from([("id".to_owned(), "from params".to_owned())]);
        for (template, path, at, expected) in [
            ("/tasks/:id", "/tasks/a%20b", 1, Some("a b")),
            ("/tasks/:id", "/mounted/on/tasks/7", 1, Some("7")),
            ("/tasks/:id", "/rewritten/7", 1, Some("from params")),
            ("/tasks/:id", "/tasks", 1, Some("from params")),
            ("/tasks/:other", "/tasks", 1, None),
            ("/tasks/:id", "/tasks/:id", 1, Some("from params")),
            ("/tasks/:id", "/tasks/7", 2, None),
        ] {
            let (template, path) = (Path::new(template), Path::new(path));
            let value = Values::new(&template, &path, &params).at(at);
            assert_eq!(value.as_deref(), expected, "{template:?} {path:?}");
        }
    }
}
