//! The table of operations: a host's rules and the shipped ones, compiled once into a tree of segments.
//!
//! A look-up walks the tree along a path and takes, of all rules that it meets, the first in order. What it costs depends on the path,
//! not on how many rules there are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::fields::{Field, RULE_FIELDS, Said, field_of_parameter, field_of_rule, is_id_of};
use super::infer::infer;
use super::path::{MAX_SEGMENTS, Path, Segment, decoded};
use super::rule::OperationRule;
use super::shipped::SHIPPED;
use super::{Operation, words};
use crate::error::{Code, Error, Result};
use crate::schema::Level;

const MAX_RULES: usize = 10_000;
const MAX_RULE_PATH: usize = 1_024;
const MAX_OPERATION: usize = 128;
const MAX_KIND: usize = 64;
/// No rule, and no node.
const NONE: u32 = u32::MAX;

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

/// One place in the tree: the segments so far.
#[derive(Debug)]
struct Node {
    /// The node behind a parameter.
    parameter: u32,
    /// First rule at this node or below.
    least: u32,
    /// Rules whose path ends here.
    ends: Vec<(Methods, u32)>,
    /// Rules whose path goes on with `*`.
    rests: Vec<(Methods, u32)>,
}

/// Set of methods; the last bit stands for all that have no name here.
type Methods = u8;
const METHODS: &[(&str, Methods)] = &[("POST", 1), ("PUT", 2), ("PATCH", 4), ("DELETE", 8)];
const OTHER: Methods = 16;
const ALL: Methods = 31;

fn method(name: &str) -> Methods {
    let known = METHODS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map_or(OTHER, |(_, bit)| *bit)
}

/// The way from a node over a literal.
#[derive(Debug, Clone)]
struct Edge {
    from: u32,
    to: u32,
    hash: u32,
    literal: Box<str>,
}

/// All literal edges in one open hash table: one probe for a segment, however many siblings there are.
#[derive(Debug, Default)]
struct Edges {
    slots: Vec<Option<Edge>>,
    len: usize,
    longest: usize,
}

impl Edges {
    /// FNV-1a over node and lower-case text. Only literals of rules are ever stored, so nobody can make it crowded from outside.
    fn hash(from: u32, literal: &str) -> u32 {
        let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let start = from.to_le_bytes().into_iter().fold(0x811c_9dc5, step);
        let hash = literal.bytes().map(|byte| byte.to_ascii_lowercase()).fold(start, step);
        hash ^ (hash >> 15)
    }

    fn find(&self, from: u32, literal: &str) -> Option<u32> {
        if literal.len() > self.longest {
            return None;
        }
        let hash = Self::hash(from, literal);
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        // The table is never full, so there is an end.
        while let Some(Some(edge)) = self.slots.get(at) {
            if edge.hash == hash && edge.from == from && edge.literal.eq_ignore_ascii_case(literal) {
                return Some(edge.to);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn insert(&mut self, from: u32, literal: &str, to: u32) {
        if (self.len + 1) * 2 > self.slots.len() {
            let larger = vec![None; (self.slots.len() * 2).max(16)];
            let old = std::mem::replace(&mut self.slots, larger);
            for edge in old.into_iter().flatten() {
                self.place(edge);
            }
        }
        self.len += 1;
        self.longest = self.longest.max(literal.len());
        self.place(Edge {
            from,
            to,
            hash: Self::hash(from, literal),
            literal: literal.into(),
        });
    }

    fn place(&mut self, edge: Edge) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = edge.hash as usize & mask;
        while let Some(Some(_)) = self.slots.get(at) {
            at = (at + 1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(edge);
        }
    }
}

/// The first rules that say what a call is named and how much of it is kept, each with where its path begins in the call's.
#[derive(Debug, Clone, Copy)]
struct Found {
    naming: (u32, usize),
    level: u32,
}

impl Found {
    const NOTHING: Found = Found {
        naming: (NONE, 0),
        level: NONE,
    };
}

/// Rules that name calls, compiled.
#[derive(Debug)]
pub struct OperationTable {
    rules: Vec<Rule>,
    nodes: Vec<Node>,
    edges: Edges,
    has_levels: bool,
    has_level_none: bool,
}

/// Why a rule is none: which part of it, and what is wrong.
struct Fault {
    part: Cow<'static, str>,
    what: String,
}

fn fault<T>(part: impl Into<Cow<'static, str>>, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        part: part.into(),
        what: what.into(),
    })
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
            let methods = rule.methods.as_ref().map(|methods| methods.join(" "));
            if methods.as_ref().is_some_and(String::is_empty) {
                return Err(refused(
                    index,
                    "methods",
                    "names no method; leave it out for all of them",
                ));
            }
            let spec = Spec {
                methods: methods.as_deref().unwrap_or_default(),
                path: &rule.path,
                operation: rule.operation.as_deref(),
                target: rule.target.as_deref(),
                fields: Some(&rule.fields),
                level: rule.level,
                with_data: false,
            };
            table
                .insert(&spec, true)
                .map_err(|fault| refused(index, &fault.part, &fault.what))?;
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
        let mut table = OperationTable {
            rules: Vec::new(),
            nodes: Vec::new(),
            edges: Edges::default(),
            has_levels: false,
            has_level_none: false,
        };
        table.add_node();
        table
    }

    fn add_shipped(&mut self) {
        for spec in SHIPPED {
            // A host's rules may well hide some of these; that each is well formed is shown by a test.
            let _ = self.insert(spec, false);
        }
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
        let mut operation = match self.rule(found.naming.0) {
            Some(rule) => {
                let values = of_template.filter(|_| is_by_template).unwrap_or(of_path);
                rule.operation(found.naming.1, &values)
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

    fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// By the template, and where that finds nothing by the path; also whether the naming rule was found by the template.
    fn find_both(&self, method: &str, path: &Path<'_>, template: Option<&Path<'_>>) -> (Found, bool) {
        let mut found = template.map_or(Found::NOTHING, |template| self.find(method, template));
        let is_by_template = found.naming.0 != NONE;
        if !is_by_template || self.has_levels && found.level == NONE {
            let by_path = self.find(method, path);
            if !is_by_template {
                found.naming = by_path.naming;
            }
            if found.level == NONE {
                found.level = by_path.level;
            }
        }
        (found, is_by_template)
    }

    fn find(&self, name: &str, path: &Path<'_>) -> Found {
        let mut found = Found::NOTHING;
        for start in path.starts() {
            self.walk(method(name), path, *start, &mut found);
        }
        found
    }

    /// Visits every node that fits the path from `start` on; the tree has one way to each, so none is visited twice.
    fn walk(&self, method: Methods, path: &Path<'_>, start: usize, found: &mut Found) {
        // Each visit takes one place and needs two at most, so one more than there are segments is enough.
        let mut waiting = [(0_u32, 0_usize); MAX_SEGMENTS + 2];
        let mut len = 1;
        while len > 0 {
            len -= 1;
            let Some((node, at)) = waiting.get(len).copied() else {
                return;
            };
            let Some(place) = self.node(node) else { continue };
            if place.least >= found.naming.0 && (!self.has_levels || place.least >= found.level) {
                continue;
            }
            let Some(segment) = path.segment(start + at) else {
                self.note(&place.ends, method, start, found);
                continue;
            };
            self.note(&place.rests, method, start, found);
            // A prefix is known by its name only.
            let is_prefix = start + at < path.start()
                && path
                    .text(start + at)
                    .is_some_and(|text| text.eq_ignore_ascii_case("api"));
            let literal = match segment {
                Segment::Text(text) => self.edges.find(node, text),
                Segment::Parameter(_) => None,
                Segment::Rest => continue,
            };
            let parameter = Some(place.parameter).filter(|to| *to != NONE && !is_prefix);
            for to in [parameter, literal].into_iter().flatten() {
                if let Some(slot) = waiting.get_mut(len) {
                    *slot = (to, at + 1);
                    len += 1;
                }
            }
        }
    }

    fn note(&self, rules: &[(Methods, u32)], method: Methods, start: usize, found: &mut Found) {
        for (methods, index) in rules {
            if methods & method == 0 {
                continue;
            }
            let Some(rule) = self.rule(*index) else { continue };
            if rule.operation.is_some() && *index < found.naming.0 {
                found.naming = (*index, start);
            }
            if rule.level.is_some() && *index < found.level {
                found.level = *index;
            }
        }
    }

    fn add_node(&mut self) -> u32 {
        self.nodes.push(Node {
            parameter: NONE,
            least: NONE,
            ends: Vec::new(),
            rests: Vec::new(),
        });
        // The number of nodes is bounded by those of rules and of segments.
        self.nodes.len() as u32 - 1
    }

    fn insert(&mut self, spec: &Spec<'_>, must_apply: bool) -> Result<(), Fault> {
        let methods = parse_methods(spec.methods)?;
        let path = parse_path(spec.path)?;
        let rule = compile(spec, &path)?;
        if must_apply {
            self.check_reach(methods, &path, &rule)?;
        }
        let index = self.rules.len() as u32;
        self.has_levels |= rule.level.is_some();
        self.has_level_none |= rule.level == Some(Level::None);
        self.rules.push(rule);
        let mut node = 0;
        let mut is_rest = false;
        for at in 0..=path.len() {
            if let Some(place) = self.nodes.get_mut(node as usize) {
                place.least = place.least.min(index);
            }
            match path.segment(at) {
                Some(Segment::Text(text)) => {
                    node = match self.edges.find(node, text) {
                        Some(next) => next,
                        None => {
                            let next = self.add_node();
                            self.edges.insert(node, text, next);
                            next
                        }
                    };
                }
                Some(Segment::Parameter(_)) => {
                    let known = self.node(node).map_or(NONE, |place| place.parameter);
                    let next = if known == NONE { self.add_node() } else { known };
                    if let Some(place) = self.nodes.get_mut(node as usize) {
                        place.parameter = next;
                    }
                    node = next;
                }
                Some(Segment::Rest) => {
                    is_rest = true;
                    break;
                }
                None => break,
            }
        }
        if let Some(place) = self.nodes.get_mut(node as usize) {
            let rules = if is_rest { &mut place.rests } else { &mut place.ends };
            rules.push((methods, index));
        }
        Ok(())
    }

    /// Refuses a rule whose calls earlier rules take, each method of them.
    fn check_reach(&self, methods: Methods, path: &Path<'_>, rule: &Rule) -> Result<(), Fault> {
        let (mut namings, mut levels) = (Vec::new(), Vec::new());
        for bit in (0..5).map(|shift| 1 << shift).filter(|bit| methods & bit != 0) {
            let mut found = Found::NOTHING;
            for start in path.starts() {
                self.walk(bit, path, *start, &mut found);
            }
            namings.push(found.naming.0);
            levels.push(found.level);
        }
        for (part, is_said, takers) in [
            ("operation", rule.operation.is_some(), namings),
            ("level", rule.level.is_some(), levels),
        ] {
            if is_said && let Some(first) = takers.iter().min().filter(|_| !takers.contains(&NONE)) {
                let what = format!(
                    "can never apply: operations[{first}] comes first and takes the same calls; put the more particular rule first"
                );
                return fault(part, what);
            }
        }
        Ok(())
    }
}

/// A route's template, if it says where its parameters are.
fn template(route: Option<&str>) -> Option<Path<'_>> {
    route
        .map(Path::new)
        .filter(|template| template.len() > 0 && !template.has_rest())
}

fn refused(index: usize, part: &str, what: &str) -> Error {
    let field = format!("operations[{index}].{part}");
    Error::new(Code::OptionsInvalid, format!("option `{field}` {what}")).with_field(field)
}

fn parse_methods(methods: &str) -> Result<Methods, Fault> {
    let mut set = 0;
    for name in methods.split(' ').filter(|name| !name.is_empty()) {
        let bit = method(name);
        if bit == OTHER {
            return fault(
                "methods",
                format!("has {name:?}; methods are POST, PUT, PATCH and DELETE"),
            );
        }
        set |= bit;
    }
    Ok(if set == 0 { ALL } else { set })
}

/// A rule's path. Its syntax is narrower than that of the templates that frameworks give, so that a slip is told.
fn parse_path(path: &str) -> Result<Path<'_>, Fault> {
    const PART: &str = "path";
    let Some(rest) = path.strip_prefix('/') else {
        return fault(PART, "does not begin with `/`");
    };
    if path.len() > MAX_RULE_PATH {
        return fault(
            PART,
            format!("has {} bytes; at most {MAX_RULE_PATH} are taken", path.len()),
        );
    }
    if let Some(at) = path.find(['?', '#']) {
        return fault(
            PART,
            format!("has a query or fragment at byte {at}; rules are for the path only"),
        );
    }
    let mut at = 1;
    let mut names: Vec<&str> = Vec::new();
    let segments = rest.split('/').count();
    if segments >= MAX_SEGMENTS {
        return fault(
            PART,
            format!("has {segments} segments; at most {} are taken", MAX_SEGMENTS - 1),
        );
    }
    for (number, segment) in rest.split('/').enumerate() {
        let braced = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if segment.is_empty() {
            // `/` alone is the root.
            if segments > 1 {
                return fault(
                    PART,
                    format!("has an empty segment at byte {at}; leave out the `/` too many"),
                );
            }
        } else if let Some(name) = segment.strip_prefix(':').or(braced) {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name {
                return fault(
                    PART,
                    format!("has the parameter {segment:?} at byte {at}; its name is of letters, digits and `_`"),
                );
            }
            if names.contains(&name) {
                return fault(PART, format!("has two parameters named `{name}`"));
            }
            names.push(name);
        } else if segment == "*" {
            if number + 1 < segments {
                return fault(
                    PART,
                    format!("has `*` at byte {at}, which stands for all that is left and so comes last"),
                );
            }
        } else if let Some(found) = segment.find([':', '{', '}', '*', '(', ')', '<', '>']) {
            let byte = at + found;
            return fault(
                PART,
                format!(
                    "has {segment:?}, with a mark of parameters at byte {byte}; a parameter takes a whole segment, as `:id` or `{{id}}`"
                ),
            );
        }
        at += segment.len() + 1;
    }
    Ok(Path::new(path))
}

/// Whether a text can be an operation type: `widget.published`.
fn is_operation(text: &str) -> bool {
    let mut parts = text.split('.');
    text.len() <= MAX_OPERATION
        && parts.by_ref().take(2).filter(|part| is_name(part)).count() == 2
        && parts.next().is_none()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

fn compile(spec: &Spec<'_>, path: &Path<'_>) -> Result<Rule, Fault> {
    let parameters = || {
        (0..path.len()).filter_map(|at| match path.segment(at) {
            Some(Segment::Parameter(name)) => Some((at, name)),
            _ => None,
        })
    };
    let empty = BTreeMap::new();
    let given = spec.fields.unwrap_or(&empty);
    let Some(operation) = spec.operation else {
        if spec.level.is_none() {
            return fault(
                "path",
                "is all there is of the rule; give it an `operation`, a `level` or both",
            );
        }
        for (part, is_given) in [("target", spec.target.is_some()), ("fields", !given.is_empty())] {
            if is_given {
                return fault(part, "needs an `operation` beside it");
            }
        }
        return Ok(Rule {
            operation: None,
            target: None,
            target_at: None,
            fields: Box::default(),
            level: spec.level,
            with_data: false,
        });
    };
    if !is_operation(operation) {
        return fault(
            "operation",
            format!(
                "is {operation:?}; it is two lower-case words with a dot, such as widget.published, at most {MAX_OPERATION} bytes"
            ),
        );
    }
    if operation.starts_with("audit.") {
        return fault(
            "operation",
            "begins with `audit.`, as only what the trail says of itself does",
        );
    }
    let kind = spec.target.or(operation.split('.').next()).unwrap_or_default();
    if !is_name(kind) || kind.len() > MAX_KIND {
        return fault(
            "target",
            format!("is {kind:?}; it is a lower-case word such as widget, at most {MAX_KIND} bytes"),
        );
    }
    let mut fields: Vec<(usize, Field)> = Vec::new();
    let mut target_at = target_parameter(path, kind);
    for (name, parameter) in given {
        let part = || format!("fields.{name}");
        let Some((at, _)) = parameters().find(|(_, known)| known == parameter) else {
            return fault(
                part(),
                format!("is {parameter:?}, which is no parameter of {:?}", spec.path),
            );
        };
        if name == "targetId" {
            target_at = Some(at);
        } else if let Some(field) = field_of_rule(name) {
            fields.push((at, field));
        } else {
            return fault(
                part(),
                format!("is no field of a record that a path can fill; known are {RULE_FIELDS}"),
            );
        }
    }
    for (at, name) in parameters() {
        let behind = || match at.checked_sub(1).and_then(|at| path.segment(at)) {
            Some(Segment::Text(word)) => field_of_word(word),
            _ => None,
        };
        let of_target = || {
            Some(kind)
                .filter(|_| target_at == Some(at))
                .and_then(field_of_parameter)
        };
        if let Some(field) = field_of_parameter(name).or_else(behind).or_else(of_target)
            && fields.iter().all(|(_, known)| *known != field)
        {
            fields.push((at, field));
        }
    }
    Ok(Rule {
        operation: Some(operation.into()),
        target: Some(kind.into()),
        target_at,
        fields: fields.into(),
        level: spec.level,
        with_data: spec.with_data,
    })
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
                if is_id_of(name, kind) {
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

impl Rule {
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
    fn new(shape: &'a Path<'a>, path: &'a Path<'a>, params: &'a BTreeMap<String, String>) -> Self {
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

    fn has_word(&self) -> bool {
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
                json!({ "path": "/a".repeat(32), "operation": "a.b" }),
                "path",
                "has 32 segments",
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
