//! The table of operations: a host's rules and the shipped ones, compiled once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::check::{check, check_reach};
use super::fields::{Field, Said, field_of_parameter, field_of_rule, is_parameter_of};
use super::infer::infer;
use super::path::{Path, Segment};
use super::rule::OperationRule;
use super::shipped::SHIPPED;
use super::tree::{End, Found, NONE, Tree, method, methods};
use super::values::Values;
use super::{Operation, words};
use crate::error::{Code, Error, Result};
use crate::schema::Level;

const MAX_RULES: usize = 10_000;

/// A rule as the compiler takes it, a host's or a shipped one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec<'a> {
    /// Separated by spaces; empty means all.
    methods: &'a str,
    pub(super) path: &'a str,
    operation: Option<&'a str>,
    target: Option<&'a str>,
    fields: Option<&'a BTreeMap<String, String>>,
    level: Option<Level>,
    with_data: bool,
}

impl<'a> Spec<'a> {
    pub(super) const fn shipped(methods: &'a str, path: &'a str, operation: &'a str) -> Self {
        Spec {
            methods,
            path,
            operation: Some(operation),
            target: None,
            fields: None,
            level: None,
            with_data: false,
        }
    }

    /// Names another kind of target than the operation's first word.
    pub(super) const fn of(mut self, kind: &'a str) -> Self {
        self.target = Some(kind);
        self
    }

    /// Its methods and operation.
    #[cfg(test)]
    pub(super) fn says(&self) -> (&'a str, &'a str) {
        (self.methods, self.operation.unwrap_or_default())
    }

    /// The body is an event: what its `data` says counts too.
    pub(super) const fn with_data(mut self) -> Self {
        self.with_data = true;
        self
    }
}

/// What a rule says, compiled. Positions count from where the rule's path begins.
#[derive(Debug)]
struct Rule {
    operation: Option<Box<str>>,
    target: Option<Box<str>>,
    target_at: Option<usize>,
    fields: Box<[(usize, Field)]>,
    level: Option<Level>,
    with_data: bool,
}

/// Rules that name calls, compiled: what a look-up costs depends on the path, not on how many rules there are.
#[derive(Debug)]
pub struct OperationTable {
    rules: Vec<Rule>,
    tree: Tree,
    has_level_none: bool,
}

impl OperationTable {
    /// Compiles a host's rules, which come before the shipped ones.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the rule and the part of it at fault (`operations[3].path`), also for a rule that can never apply
    /// because earlier ones take all its calls.
    pub fn new(rules: &[OperationRule]) -> Result<Self> {
        if rules.len() > MAX_RULES {
            let message = format!(
                "option `operations` has {} rules; at most {MAX_RULES} are taken",
                rules.len()
            );
            return Err(Error::new(Code::OptionsInvalid, message).with_field("operations"));
        }
        let mut table = Self::empty();
        for (index, rule) in rules.iter().enumerate() {
            check(rule)
                .and_then(|()| check_reach(rule, &table.tree))
                .map_err(|fault| {
                    let field = format!("operations[{index}].{}", fault.part);
                    Error::new(Code::OptionsInvalid, format!("option `{field}` {}", fault.what)).with_field(field)
                })?;
            let methods = rule.methods.as_ref().map(|methods| methods.join(" "));
            table.insert(&Spec {
                methods: methods.as_deref().unwrap_or_default(),
                path: &rule.path,
                operation: rule.operation.as_deref(),
                target: rule.target.as_deref(),
                fields: Some(&rule.fields),
                level: rule.level,
                with_data: false,
            });
        }
        table.add_shipped();
        Ok(table)
    }

    /// The table of a host without rules of its own.
    pub fn shipped() -> &'static Self {
        static TABLE: LazyLock<OperationTable> = LazyLock::new(|| {
            let mut table = OperationTable::empty();
            table.add_shipped();
            table
        });
        &TABLE
    }

    fn empty() -> Self {
        OperationTable {
            rules: Vec::new(),
            tree: Tree::new(),
            has_level_none: false,
        }
    }

    fn add_shipped(&mut self) {
        for spec in SHIPPED {
            self.insert(spec);
        }
    }

    fn insert(&mut self, spec: &Spec<'_>) {
        let path = Path::new(spec.path);
        let rule = Rule::compile(spec, &path);
        let end = End {
            methods: methods(spec.methods),
            rule: self.rules.len() as u32,
            names: rule.operation.is_some(),
            levels: rule.level.is_some(),
        };
        self.has_level_none |= rule.level == Some(Level::None);
        self.rules.push(rule);
        self.tree.insert(&path, end);
    }

    /// Names what a call did and to what.
    ///
    /// `path` is the raw path, with or without query string; `route` the template that matched it, where the host knows it, which
    /// decides before the path does. What no rule names is named by REST custom. The type is always two lower-case words with a dot,
    /// at most 128 bytes, and never has an id in it.
    pub fn classify(&self, method: &str, path: &str, route: Option<&str>) -> Operation {
        self.classify_with(method, path, route, &BTreeMap::new())
    }

    /// As [`OperationTable::classify`], with the values of the route's parameters where the host knows them.
    pub fn classify_with(
        &self,
        method: &str,
        path: &str,
        route: Option<&str>,
        params: &BTreeMap<String, String>,
    ) -> Operation {
        let (path, template) = (Path::new(path), template(route));
        let (found, is_by_template) = self.find_both(method, &path, template.as_ref());
        let of_path = Values::new(&path, &path, params);
        let of_template = template.as_ref().map(|template| Values::new(template, &path, params));
        let mut operation = match self.rule(found.naming) {
            Some(rule) => {
                let values = of_template.filter(|_| is_by_template).unwrap_or(of_path);
                rule.operation(found.start, &values)
            }
            // A template without a word (`/:resource/:id`) says less than the path.
            None => infer(method, &of_template.filter(Values::has_word).unwrap_or(of_path)),
        };
        for (name, value) in params {
            if let Some(field) = field_of_parameter(name) {
                operation.named.offer(field, &Said::Text(value.into()));
            }
        }
        operation.level = self.rule(found.level).and_then(|rule| rule.level);
        operation
    }

    /// Whether a rule wants no record of such a call. Free where no rule's level is `none`.
    #[cfg(any(feature = "recorder", test))]
    pub(crate) fn skips(&self, method: &str, path: &str, route: Option<&str>) -> bool {
        if !self.has_level_none {
            return false;
        }
        let (path, template) = (Path::new(path), template(route));
        let (found, _) = self.find_both(method, &path, template.as_ref());
        self.rule(found.level)
            .is_some_and(|rule| rule.level == Some(Level::None))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    fn rule(&self, rule: u32) -> Option<&Rule> {
        self.rules.get(rule as usize)
    }

    /// By the template, and where that finds nothing by the path; also whether the naming rule was found by the template.
    fn find_both(&self, name: &str, path: &Path<'_>, template: Option<&Path<'_>>) -> (Found, bool) {
        let method = method(name);
        let mut found = template.map_or(Found::NOTHING, |template| self.tree.find(method, template));
        let is_by_template = found.naming != NONE;
        if !is_by_template || self.tree.has_levels() && found.level == NONE {
            let by_path = self.tree.find(method, path);
            if !is_by_template {
                (found.naming, found.start) = (by_path.naming, by_path.start);
            }
            if found.level == NONE {
                found.level = by_path.level;
            }
        }
        (found, is_by_template)
    }
}

/// A route's template, if it says where its parameters are.
fn template(route: Option<&str>) -> Option<Path<'_>> {
    route
        .map(Path::new)
        .filter(|template| template.len() > 0 && !template.has_rest())
}

impl Rule {
    /// Compiles a rule that has been checked; what is not right about it says nothing.
    fn compile(spec: &Spec<'_>, path: &Path<'_>) -> Self {
        let kind = spec.target.or_else(|| spec.operation?.split('.').next());
        let mut fields: Vec<(usize, Field)> = Vec::new();
        let mut target_at = kind.and_then(|kind| target_parameter(path, kind));
        let parameter = |name: &str| path.segments().position(|segment| segment == Segment::Parameter(name));
        for (name, at) in spec
            .fields
            .into_iter()
            .flatten()
            .filter_map(|(name, of)| Some((name, parameter(of)?)))
        {
            if let Some(field) = field_of_rule(name) {
                fields.push((at, field));
            } else {
                target_at = Some(at);
            }
        }
        let mut before = None;
        for (at, segment) in path.segments().enumerate() {
            if let Segment::Parameter(name) = segment {
                let behind = || before.and_then(field_of_word);
                let of_target = || kind.filter(|_| target_at == Some(at)).and_then(field_of_parameter);
                if let Some(field) = field_of_parameter(name).or_else(behind).or_else(of_target)
                    && fields.iter().all(|(_, known)| *known != field)
                {
                    fields.push((at, field));
                }
            }
            before = match segment {
                Segment::Text(word) => Some(word),
                Segment::Parameter(_) | Segment::Rest => None,
            };
        }
        Rule {
            operation: spec.operation.map(Box::from),
            target: kind.map(Box::from),
            target_at,
            fields: fields.into(),
            level: spec.level,
            with_data: spec.with_data,
        }
    }

    fn operation(&self, start: usize, values: &Values<'_>) -> Operation {
        let mut operation = Operation {
            operation_type: self.operation.as_deref().unwrap_or_default().to_owned(),
            target_type: self.target.as_deref().map(str::to_owned),
            with_data: self.with_data,
            ..Operation::default()
        };
        let value = |at: usize| values.at(start + at).map(Said::Text);
        operation.target_id = self.target_at.and_then(value).and_then(|said| said.target());
        for (at, field) in &self.fields {
            if let Some(said) = value(*at) {
                operation.named.offer(*field, &said);
            }
        }
        operation
    }
}

/// The field that a value behind a word fills: `/projects/42`.
pub(super) fn field_of_word(word: &str) -> Option<Field> {
    let mut singular = String::new();
    words::push_singular(&mut singular, word);
    field_of_parameter(&singular)
}

/// The parameter that says which one of a kind is acted on: the one named after it, the one behind it, `:id`, the first.
/// A path that has the kind's word without a parameter behind it is that of all of them.
fn target_parameter(path: &Path<'_>, kind: &str) -> Option<usize> {
    let (mut first, mut id, mut behind, mut has_kind) = (None, None, None, false);
    for at in 0..path.len() {
        match path.segment(at) {
            Some(Segment::Parameter(name)) => {
                if is_parameter_of(name, kind) {
                    return Some(at);
                }
                first = first.or(Some(at));
                if name == "id" {
                    id = Some(at);
                }
            }
            Some(Segment::Text(word)) if words::is_kind(word, kind) => {
                has_kind = true;
                if let Some(Segment::Parameter(_)) = path.segment(at + 1) {
                    behind = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    if has_kind { behind } else { id.or(first) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(json: serde_json::Value) -> Vec<OperationRule> {
        serde_json::from_value(json).unwrap()
    }

    fn table(json: serde_json::Value) -> OperationTable {
        OperationTable::new(&rules(json)).unwrap()
    }

    #[test]
    fn a_hosts_rules_come_first_and_the_first_that_matches_wins() {
        let table = table(json!([
            { "methods": "DELETE", "path": "/widgets/archive", "operation": "widget.archive_dropped" },
            { "methods": ["post"], "path": "/widgets/:id/publish", "operation": "widget.published" },
            { "path": "/tasks/{id}/start", "operation": "job.begun" },
            { "path": "/internal/*", "operation": "internal.called" },
            { "methods": "POST", "path": "/:any/search", "operation": "search.run" },
            { "path": "/", "operation": "root.called" },
        ]));
        for (method, path, expected) in [
            ("POST", "/widgets/7/publish", "widget.published"),
            ("PUT", "/widgets/7/publish", "widget.updated"),
            ("POST", "/API/v3/Widgets/blue/PUBLISH?x", "widget.published"),
            ("DELETE", "/widgets/archive", "widget.archive_dropped"),
            ("DELETE", "/widgets/7", "widget.deleted"),
            ("POST", "/tasks/7/start", "job.begun"),
            ("POST", "/tasks/7/complete", "task.completed"),
            ("PURGE", "/internal/a/b/c", "internal.called"),
            ("POST", "/internal", "internal.created"),
            ("POST", "/tasks/search", "search.run"),
            ("POST", "/", "root.called"),
            ("POST", "/api/search", "search.created"),
        ] {
            assert_eq!(
                table.classify(method, path, None).operation_type,
                expected,
                "{method} {path}"
            );
        }
    }

    #[test]
    fn order_beats_exactness() {
        let general_first = table(json!([
            { "methods": "POST", "path": "/a/:x/c", "operation": "first.rule" },
            { "path": "/a/b/:y", "operation": "second.rule" },
            { "path": "/a/*", "operation": "third.rule" },
        ]));
        assert_eq!(
            general_first.classify("POST", "/a/b/c", None).operation_type,
            "first.rule"
        );
        assert_eq!(
            general_first.classify("PUT", "/a/b/c", None).operation_type,
            "second.rule"
        );
        assert_eq!(
            general_first.classify("PUT", "/a/c/c", None).operation_type,
            "third.rule"
        );
    }

    #[test]
    fn a_prefix_in_a_rule_is_asked_for_by_name() {
        let table = table(json!([
            { "path": "/api/v1/widgets", "operation": "old_widget.made" },
            { "path": "/:tenant/api/v2/widgets", "operation": "tenant.widget_made" },
            { "path": "/widgets", "operation": "widget.made" },
        ]));
        for (path, expected) in [
            ("/api/v1/widgets", "old_widget.made"),
            ("/api/v2/widgets", "widget.made"),
            ("/widgets", "widget.made"),
            ("/acme/api/v2/widgets", "tenant.widget_made"),
        ] {
            assert_eq!(table.classify("POST", path, None).operation_type, expected, "{path}");
        }
    }

    #[test]
    fn targets_and_fields_come_from_parameters() {
        let table = table(json!([
            { "path": "/w/:key/go", "operation": "widget.gone" },
            { "path": "/projects/:projectNumber/widgets/:id", "operation": "widget.seen" },
            { "path": "/projects/:p/widgets", "operation": "widget.made" },
            { "path": "/teams/:id/drop/:widget_id", "operation": "widget.dropped" },
            { "path": "/tickets/:id/snooze/:hours", "operation": "ticket.snoozed", "fields": { "taskId": "id", "targetId": "hours" } },
            { "path": "/jobs/:id", "operation": "job.touched", "target": "task" },
        ]));
        let ask = |path: &str| {
            let found = table.classify("POST", path, None);
            (found.target_id, found.named.project_number, found.named.task_id)
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(ask("/w/k/go"), (text("k"), None, None));
        assert_eq!(ask("/projects/42/widgets/blue"), (text("blue"), Some(42), None));
        assert_eq!(ask("/projects/42/widgets"), (None, Some(42), None));
        assert_eq!(ask("/teams/1/drop/2"), (text("2"), None, None));
        assert_eq!(ask("/tickets/t/snooze/8"), (text("8"), None, text("t")));
        assert_eq!(ask("/jobs/j"), (text("j"), None, text("j")));
    }

    #[test]
    fn each_thing_is_said_by_the_first_rule_that_says_it() {
        let table = table(json!([
            { "path": "/auth/*", "level": "metadata" },
            { "methods": "POST", "path": "/tasks/:id/start", "level": "none" },
            { "path": "/auth/login", "operation": "user.logged_in" },
            { "path": "/tasks/*", "level": "summary" },
        ]));
        let ask = |path: &str| {
            let found = table.classify("POST", path, None);
            (found.operation_type, found.level)
        };
        assert_eq!(ask("/auth/login"), ("user.logged_in".into(), Some(Level::Metadata)));
        assert_eq!(ask("/tasks/1/start"), ("task.started".into(), Some(Level::None)));
        assert_eq!(ask("/tasks/1/fail"), ("task.failed".into(), Some(Level::Summary)));
        assert_eq!(ask("/widgets"), ("widget.created".into(), None));
        assert!(table.skips("POST", "/api/tasks/1/start", None) && !table.skips("POST", "/tasks/1/fail", None));
        assert!(table.skips("POST", "/x", Some("/tasks/:id/start")));
        assert!(!OperationTable::shipped().skips("POST", "/tasks/1/start", None));
    }

    #[test]
    fn a_route_decides_before_the_path_and_gets_its_values_from_path_or_params() {
        let table = table(json!([
            { "path": "/tasks/archive", "operation": "archive.called" },
        ]));
        let with = |path: &str, route: &str, params: &[(&str, &str)]| {
            let params = params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let found = table.classify_with("PUT", path, Some(route), &params);
            (found.operation_type, found.named.task_id.unwrap_or_default())
        };
        let is = |name: &str, id: &str| (name.to_owned(), id.to_owned());
        assert_eq!(with("/tasks/archive", "/tasks/:id", &[]), is("task.updated", "archive"));
        assert_eq!(with("/mount/tasks/a%20b", "/tasks/:id", &[]), is("task.updated", "a b"));
        assert_eq!(
            with("/t%61sks/7", "/api/tasks/:id", &[("id", "7")]),
            is("task.updated", "7")
        );
        assert_eq!(with("/t%61sks/7", "/tasks/:id", &[]), is("task.updated", "7"));
        assert_eq!(
            with("/rewritten", "/tasks/{id}", &[("id", "7")]),
            is("task.updated", "7")
        );
        assert_eq!(with("/tasks/7", "/:resource/:id", &[]), is("task.updated", "7"));
        assert_eq!(with("/tasks/7", "/*splat", &[]), is("task.updated", "7"));
        assert_eq!(
            with("/widgets/7", "/widgets/:id(\\d+)", &[("taskId", "t")]),
            is("widget.updated", "t")
        );
        assert_eq!(with("/tasks/:id", "", &[]), is("task.updated", ""));
    }

    #[test]
    fn a_bad_rule_is_refused_by_place_and_reason() {
        let good = json!({ "path": "/fine", "operation": "fine.done" });
        for (rule, field, reason) in [
            (
                json!({ "path": "widgets", "operation": "a.b" }),
                "path",
                "does not begin with `/`",
            ),
            (
                json!({ "path": "", "operation": "a.b" }),
                "path",
                "does not begin with `/`",
            ),
            (
                json!({ "path": "/a//b", "operation": "a.b" }),
                "path",
                "empty segment at byte 3",
            ),
            (
                json!({ "path": "/a/", "operation": "a.b" }),
                "path",
                "empty segment at byte 3",
            ),
            (
                json!({ "path": "/a?b=1", "operation": "a.b" }),
                "path",
                "query or fragment at byte 2",
            ),
            (
                json!({ "path": "/a/:/b", "operation": "a.b" }),
                "path",
                "the parameter \":\" at byte 3",
            ),
            (
                json!({ "path": "/a/:id(x)", "operation": "a.b" }),
                "path",
                "the parameter \":id(x)\"",
            ),
            (
                json!({ "path": "/a/{}", "operation": "a.b" }),
                "path",
                "the parameter \"{}\"",
            ),
            (
                json!({ "path": "/a/:id/{id}", "operation": "a.b" }),
                "path",
                "two parameters named `id`",
            ),
            (json!({ "path": "/a/*/b", "operation": "a.b" }), "path", "comes last"),
            (
                json!({ "path": "/a/b*", "operation": "a.b" }),
                "path",
                "mark of parameters at byte 4",
            ),
            (
                json!({ "path": "/a".repeat(25), "operation": "a.b" }),
                "path",
                "has 25 segments",
            ),
            (
                json!({ "path": format!("/{}", "a".repeat(1_024)), "operation": "a.b" }),
                "path",
                "has 1025 bytes",
            ),
            (
                json!({ "path": "/a" }),
                "path",
                "give it an `operation`, a `level` or both",
            ),
            (
                json!({ "path": "/a", "operation": "Widget.made" }),
                "operation",
                "two lower-case words with a dot",
            ),
            (
                json!({ "path": "/a", "operation": "widget" }),
                "operation",
                "two lower-case words with a dot",
            ),
            (
                json!({ "path": "/a", "operation": "a.b.c" }),
                "operation",
                "two lower-case words with a dot",
            ),
            (
                json!({ "path": "/a", "operation": format!("a.{}", "b".repeat(127)) }),
                "operation",
                "at most 128 bytes",
            ),
            (
                json!({ "path": "/a", "operation": "audit.gap" }),
                "operation",
                "begins with `audit.`",
            ),
            (
                json!({ "path": "/a", "operation": "a.b", "target": "A" }),
                "target",
                "a lower-case word",
            ),
            (
                json!({ "path": "/a", "level": "none", "target": "a" }),
                "target",
                "needs an `operation`",
            ),
            (
                json!({ "path": "/a/:x", "level": "none", "fields": { "taskId": "x" } }),
                "fields",
                "needs an `operation`",
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b", "fields": { "taskId": "y" } }),
                "fields.taskId",
                "no parameter of",
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b", "fields": { "colour": "x" } }),
                "fields.colour",
                "known are taskId",
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b", "fields": { "agentId": "x" } }),
                "fields.agentId",
                "known are taskId",
            ),
            (
                json!({ "path": "/a", "operation": "a.b", "methods": "FETCH" }),
                "methods",
                "\"FETCH\"",
            ),
            (
                json!({ "path": "/a", "operation": "a.b", "methods": [] }),
                "methods",
                "names no method",
            ),
            (
                json!({ "path": "/fine", "operation": "a.b" }),
                "operation",
                "operations[0] comes first",
            ),
            (
                json!({ "path": "/api/Fine", "operation": "a.b" }),
                "operation",
                "operations[0] comes first",
            ),
        ] {
            let error = OperationTable::new(&rules(json!([good, rule]))).unwrap_err();
            assert_eq!(error.code(), Code::OptionsInvalid);
            assert_eq!(
                error.field(),
                Some(format!("operations[1].{field}").as_str()),
                "{rule}: {error}"
            );
            assert!(error.to_string().contains(reason), "{rule}: {error}");
        }
    }

    #[test]
    fn a_rule_that_can_never_apply_is_refused() {
        for (first, second, part) in [
            (
                json!({ "path": "/a/*", "operation": "a.b" }),
                json!({ "path": "/a/:id/c", "operation": "a.c" }),
                Some("operation"),
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b" }),
                json!({ "path": "/a/c", "operation": "a.c" }),
                Some("operation"),
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b" }),
                json!({ "path": "/a/:y", "operation": "a.c" }),
                Some("operation"),
            ),
            (
                json!({ "path": "/a/*", "level": "none" }),
                json!({ "path": "/a/*", "operation": "a.b", "level": "summary" }),
                Some("level"),
            ),
            (
                json!({ "path": "/a/c", "operation": "a.b" }),
                json!({ "path": "/a/:x", "operation": "a.c" }),
                None,
            ),
            (
                json!({ "path": "/a/:x", "operation": "a.b" }),
                json!({ "path": "/a/*", "operation": "a.c" }),
                None,
            ),
            (
                json!({ "path": "/a", "operation": "a.b", "methods": "PUT" }),
                json!({ "path": "/a", "operation": "a.c" }),
                None,
            ),
            (
                json!({ "path": "/a", "operation": "a.b" }),
                json!({ "path": "/a", "level": "none" }),
                None,
            ),
        ] {
            let result = OperationTable::new(&rules(json!([first, second])));
            match part {
                Some(part) => assert_eq!(
                    result.unwrap_err().field(),
                    Some(format!("operations[1].{part}").as_str()),
                    "{second}"
                ),
                None => assert!(result.is_ok(), "{second}"),
            }
        }
    }

    #[test]
    fn many_rules_are_found_each() {
        let many: Vec<OperationRule> = (0..2_000)
            .map(|n| OperationRule {
                path: format!("/things{n}/:id/act{n}"),
                operation: Some(format!("thing{n}.acted")),
                ..OperationRule::default()
            })
            .collect();
        let table = OperationTable::new(&many).unwrap();
        for n in 0..2_000 {
            let found = table.classify("POST", &format!("/api/THINGS{n}/7/act{n}"), None);
            assert_eq!(found.operation_type, format!("thing{n}.acted"));
        }
        assert_eq!(
            OperationTable::new(&vec![OperationRule::default(); 10_001])
                .unwrap_err()
                .field(),
            Some("operations")
        );
    }
}
