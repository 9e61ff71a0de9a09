//! Operation types: what a call did, from its method and path.

use percent_encoding::percent_decode_str;

/// What a call did and to what, as far as its address tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    /// `task.started`, `widget.created`.
    pub operation_type: String,
    /// Kind of thing acted on: `task`.
    pub target_type: Option<String>,
    /// Which one.
    pub target_id: Option<String>,
    /// Task named by the path.
    pub task_id: Option<String>,
    /// Session named by the path.
    pub session_id: Option<String>,
    /// Project named by the path.
    pub project_number: Option<u64>,
}

/// Methods, path template, operation type. A segment in braces takes any text and fills the field of that name.
/// First match wins; a path may begin with `/api` and a version (`/v1`), which the table leaves out.
const TABLE: &[(&str, &str, &str)] = &[
    ("POST", "tasks", "task.created"),
    ("PUT PATCH", "tasks/{task}", "task.updated"),
    ("DELETE", "tasks/{task}", "task.deleted"),
    ("POST PUT PATCH", "tasks/{task}/start", "task.started"),
    ("POST PUT PATCH", "tasks/{task}/complete", "task.completed"),
    ("POST PUT PATCH", "tasks/{task}/fail", "task.failed"),
    ("POST", "sessions", "session.created"),
    ("PUT PATCH", "sessions/{session}", "session.updated"),
    ("DELETE", "sessions/{session}", "session.deleted"),
    ("POST PUT PATCH", "sessions/{session}/heartbeat", "session.heartbeat"),
    ("POST PUT PATCH", "sessions/{session}/archive", "session.archived"),
    ("POST PUT PATCH", "sessions/{session}/mark-stalled", "session.stalled"),
    ("POST PUT PATCH", "sessions/{session}/mark-failed", "session.failed"),
    ("POST PUT PATCH", "sessions/{session}/recover", "session.recovered"),
    ("POST", "machines", "machine.created"),
    ("PUT PATCH", "machines/{machine}", "machine.updated"),
    ("DELETE", "machines/{machine}", "machine.deleted"),
    ("POST PUT PATCH", "machines/{machine}/heartbeat", "machine.heartbeat"),
    (
        "POST PUT PATCH",
        "machines/{machine}/assign-session",
        "machine.session_assigned",
    ),
    (
        "POST PUT PATCH",
        "machines/{machine}/release-session",
        "machine.session_released",
    ),
    ("POST", "github/projects", "project.created"),
    ("PUT PATCH", "github/projects/{project}", "project.updated"),
    ("DELETE", "github/projects/{project}", "project.deleted"),
    ("POST", "github/projects/{project}/issues", "issue.created"),
    ("POST", "github/projects/{project}/issues/{issue}/link", "issue.linked"),
    ("POST", "github/issues", "issue.created"),
    ("PUT PATCH", "github/issues/{issue}", "issue.updated"),
    ("DELETE", "github/issues/{issue}", "issue.deleted"),
    ("POST PUT PATCH", "github/issues/{issue}/close", "issue.closed"),
    ("POST PUT PATCH", "github/issues/{issue}/link", "issue.linked"),
    (
        "POST PUT PATCH",
        "orchestration/workspace/{workspace}/desired",
        "orchestration.desired_set",
    ),
    (
        "POST PUT PATCH",
        "orchestration/workspace/{workspace}/running",
        "orchestration.running_set",
    ),
    ("POST", "events/project", "event.posted"),
    ("POST PUT PATCH", "worktrees/{worktree}/status", "worktree.updated"),
];

/// Names what a call did.
///
/// `path` is the raw path, with or without query string; `route` the template that matched it, where the host knows it.
/// What the table of the seed's system does not know is named by REST custom: `POST /widgets` is `widget.created`,
/// `POST /widgets/:id/publish` is `widget.publish`. An id never ends up in a type.
pub fn classify(method: &str, path: &str, route: Option<&str>) -> Operation {
    let segments = significant(path);
    TABLE
        .iter()
        .find_map(|(methods, template, operation)| matched(methods, template, operation, method, &segments))
        .unwrap_or_else(|| match route {
            Some(template) => inferred(method, &significant(template), &segments),
            None => inferred(method, &segments, &segments),
        })
}

/// Segments without query string, `api` and version prefix.
fn significant(path: &str) -> Vec<&str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).take(32).collect();
    for prefix in [is_api as fn(&str) -> bool, is_version] {
        if segments.len() > 1 && segments.first().is_some_and(|first| prefix(first)) {
            segments.remove(0);
        }
    }
    segments
}

fn is_api(segment: &str) -> bool {
    segment.eq_ignore_ascii_case("api")
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix(['v', 'V'])
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn matched(methods: &str, template: &str, operation: &str, method: &str, segments: &[&str]) -> Option<Operation> {
    if !methods.split(' ').any(|one| one.eq_ignore_ascii_case(method)) {
        return None;
    }
    let parts: Vec<&str> = template.split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut found = Operation {
        operation_type: operation.to_owned(),
        ..Operation::default()
    };
    found.target_type = operation.split('.').next().map(str::to_owned);
    for (part, segment) in parts.into_iter().zip(segments) {
        let Some(name) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if part.eq_ignore_ascii_case(segment) {
                continue;
            }
            return None;
        };
        let value = decoded(segment);
        match name {
            "task" => found.task_id = Some(value.clone()),
            "session" => found.session_id = Some(value.clone()),
            "project" => found.project_number = value.parse().ok(),
            _ => {}
        }
        if found.target_type.as_deref() == Some(name) {
            found.target_id = Some(value);
        }
    }
    Some(found)
}

fn inferred(method: &str, template: &[&str], segments: &[&str]) -> Operation {
    let is_parameter = |segment: &&str| segment.starts_with([':', '{', '*']) || is_id(segment);
    let verb = match () {
        () if method.eq_ignore_ascii_case("POST") => "created",
        () if method.eq_ignore_ascii_case("DELETE") => "deleted",
        () => "updated",
    };
    let nouns: Vec<usize> = (0..template.len())
        .filter(|at| template.get(*at).is_some_and(|s| !is_parameter(s)))
        .collect();
    let value_behind = |noun: usize| {
        let given = template.get(noun + 1).filter(|segment| is_parameter(segment))?;
        // A template's own segment is a name, not a value.
        segments
            .get(noun + 1)
            .filter(|_| segments.len() == template.len())
            .or(Some(given))
            .map(|segment| decoded(segment))
    };
    let Some(&last) = nouns.last() else {
        return Operation {
            operation_type: format!("resource.{verb}"),
            ..Operation::default()
        };
    };
    let noun = template.get(last).copied().unwrap_or_default();
    let owner = nouns.len().checked_sub(2).and_then(|at| nouns.get(at)).copied();
    // `/widgets/:id/publish` acts on the widget; `/widgets/:id/parts` makes a part.
    if let Some(owner) = owner
        && last == template.len() - 1
        && last > owner + 1
        && !noun.ends_with('s')
        && method.eq_ignore_ascii_case("POST")
    {
        let kind = singular(template.get(owner).copied().unwrap_or_default());
        return Operation {
            operation_type: format!("{kind}.{}", word(noun)),
            target_type: Some(kind),
            target_id: value_behind(owner),
            ..Operation::default()
        };
    }
    let kind = singular(noun);
    Operation {
        operation_type: format!("{kind}.{verb}"),
        target_type: Some(kind),
        target_id: value_behind(last),
        ..Operation::default()
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Numbers, UUIDs, ULIDs, ObjectIds and long hex are ids; so is what no resource would be called.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let hex = segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (digits == segment.len() && digits > 0)
        || (hex && segment.len() >= 8 && digits > 0)
        || (segment.len() == 26 && digits > 0 && segment.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        || (segment.len() >= 16 && digits > 0)
        || segment.len() > 40
        || segment.contains('%')
}

fn word(text: &str) -> String {
    let mut word: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .take(40)
        .collect();
    if word.is_empty() {
        word.push_str("resource");
    }
    word
}

fn singular(plural: &str) -> String {
    let word = word(plural);
    let strip = |end: &str, instead: &str| {
        word.strip_suffix(end)
            .filter(|stem| stem.len() > 1)
            .map(|stem| format!("{stem}{instead}"))
    };
    strip("ies", "y")
        .or_else(|| strip("sses", "ss"))
        .or_else(|| strip("ches", "ch"))
        .or_else(|| strip("shes", "sh"))
        .or_else(|| strip("xes", "x"))
        .or_else(|| {
            if word.ends_with("ss") || word.ends_with("us") {
                None
            } else {
                strip("s", "")
            }
        })
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_system_is_known_with_and_without_prefix() {
        for path in [
            "/tasks/t1/start",
            "/api/tasks/t1/start",
            "/api/v1/tasks/t1/start?x=1",
            "//api/tasks/t1/start/",
        ] {
            let operation = classify("POST", path, None);
            assert_eq!(operation.operation_type, "task.started", "{path}");
            assert_eq!(operation.task_id.as_deref(), Some("t1"));
            assert_eq!(
                (operation.target_type.as_deref(), operation.target_id.as_deref()),
                (Some("task"), Some("t1"))
            );
        }
        assert_eq!(
            classify("post", "/api/github/projects/42/issues", None).project_number,
            Some(42)
        );
        assert_eq!(
            classify("POST", "/api/sessions/a%20b/heartbeat", None)
                .session_id
                .as_deref(),
            Some("a b")
        );
    }

    #[test]
    fn anything_else_follows_rest_custom() {
        for (method, path, expected) in [
            ("POST", "/widgets", "widget.created"),
            ("PUT", "/widgets/7", "widget.updated"),
            ("PATCH", "/widgets/7", "widget.updated"),
            ("DELETE", "/categories/7", "category.deleted"),
            (
                "POST",
                "/widgets/550e8400-e29b-41d4-a716-446655440000/publish",
                "widget.publish",
            ),
            ("POST", "/widgets/01ARZ3NDEKTSV4RRFFQ69G5FAV/parts", "part.created"),
            ("DELETE", "/boxes/507f1f77bcf86cd799439011", "box.deleted"),
            ("POST", "/", "resource.created"),
            ("POST", "/12345", "resource.created"),
            ("POST", "/log-in", "log_in.created"),
        ] {
            assert_eq!(classify(method, path, None).operation_type, expected, "{method} {path}");
        }
    }

    #[test]
    fn a_template_tells_ids_that_look_like_words() {
        let operation = classify("POST", "/api/widgets/blue/publish", Some("/api/widgets/:name/publish"));
        assert_eq!(operation.operation_type, "widget.publish");
        assert_eq!(operation.target_id.as_deref(), Some("blue"));
    }
}
